import { describe, expect, it } from 'vitest'
import type { MergeRow, PlanRow, UpdateRow } from '../../src/load/plan.js'
import { diffPlans } from '../../src/load/plan-diff.js'

const reason = { service: 'people', rules: [], winner: '', from: {} }

function merge(
  number: number,
  [winner = '', ...losers]: string[],
  phone = '1',
): MergeRow {
  return {
    row: `m${number}`,
    kind: 'merge',
    winner,
    losers,
    mergeInCrm: false,
    before: {},
    set: {},
    after: { phone },
    kept: [],
    reason,
  }
}

function update(id: string, set: Record<string, string>): UpdateRow {
  return { row: `u${id}`, kind: 'update', id, before: {}, set, reason }
}

const plan = (...rows: PlanRow[]) => ({
  async *rows() {
    yield* await Promise.resolve(rows)
  },
})

const none = { values: 0, winner: 0, regrouped: 0, added: 0, removed: 0 }

describe('two plans', () => {
  it('that are the same do not differ, in whatever order', async () => {
    const rows = [merge(1, ['1', '2']), merge(2, ['3', '4']), update('9', {})]
    const found = await diffPlans(plan(...rows), plan(...rows.toReversed()), 3)
    expect(found.merges).toEqual({ ...none, same: 2 })
    expect(found.leads).toEqual({ added: 0, removed: 0 })
    expect(found.samples).toEqual([])
  })

  it.each([
    ['values', merge(7, ['1', '2'], '2'), 0, 0],
    ['winner', merge(7, ['2', '1']), 1, 1],
    ['regrouped', merge(7, ['1', '2', '3']), 1, 0],
    ['regrouped', merge(7, ['1', '3']), 1, 1],
    ['added', merge(7, ['5', '6']), 1, 1],
  ] as const)('show a merge as %s', async (change, row, added, removed) => {
    const found = await diffPlans(plan(merge(1, ['1', '2'])), plan(row), 1)
    const gone = change === 'added' ? { removed: 1 } : {}
    expect(found.merges).toEqual({ ...none, same: 0, ...gone, [change]: 1 })
    expect(found.leads).toEqual({ added, removed })
    expect(found.samples[0]).toEqual({
      change,
      before: change === 'added' ? [] : [merge(1, ['1', '2'])],
      after: [row],
    })
  })

  it('show one merge in place of two, and count neither as removed', async () => {
    const two = plan(merge(1, ['1', '2']), merge(2, ['3', '4']))
    const found = await diffPlans(two, plan(merge(1, ['1', '2', '3', '4'])), 1)
    expect(found.merges).toEqual({ ...none, same: 0, regrouped: 1 })
    expect(found.samples[0]?.before.map(({ row }) => row)).toEqual(['m1', 'm2'])
  })

  it('count updates by field and lead', async () => {
    const found = await diffPlans(
      plan(
        update('1', { city: 'Rome', tier: '1' }),
        update('2', { tier: '2' }),
      ),
      plan(
        update('1', { city: 'Oslo', tier: '1' }),
        update('3', { tier: '2' }),
      ),
      1,
    )
    expect(found.fields).toEqual({
      city: { same: 0, changed: 1, added: 0, removed: 0 },
      tier: { same: 1, changed: 0, added: 1, removed: 1 },
    })
  })
})
