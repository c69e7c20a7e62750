import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decision } from '../../src/model/survivor.js'
import type { ConsentRule, SurviveRule } from '../../src/pipeline/pipeline.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { memory } from './memory.js'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await memory()
})
afterAll(async () => {
  await warehouse.close()
})

type Value = string | null

interface Lead {
  readonly value: Value
  readonly created: Value
  readonly updated: Value
}

/** Leads of one cluster, the winner first; their ids are 11, 12, …. */
async function decided(
  rule: SurviveRule | ConsentRule,
  leads: readonly Lead[],
): Promise<{ value: Value; source: number | null }> {
  await warehouse.run(
    'create or replace temp table lead (id bigint, rank bigint, value varchar, created varchar, updated varchar)',
  )
  for (const [index, { value, created, updated }] of leads.entries()) {
    await warehouse.run('insert into lead values ($1, $2, $3, $4, $5)', [
      11 + index,
      1 + index,
      value,
      created,
      updated,
    ])
  }
  const { value, source } = decision(rule, {
    value: 'value',
    id: 'id',
    rank: 'rank',
    createdAt: 'created',
    updatedAt: 'updated',
  })
  return await warehouse.one(
    `select ${value} as value, ${source} as source from lead`,
  )
}

const of = (...values: readonly Value[]): Lead[] =>
  values.map((value) => ({ value, created: null, updated: null }))

describe('the surviving value of a field', () => {
  it.each<[SurviveRule | ConsentRule, readonly Value[], Value, number | null]>([
    ['winner', [null, 'b', 'c'], 'b', 12],
    ['winner', [null, null], null, null],
    ['max', ['9', '10', 'x', '10.0'], '10', 12],
    ['max', ['x', 'y'], 'x', 11],
    ['max', [null, 'y'], 'y', 12],
    ['min', ['9', '10', null, '-1'], '-1', 14],
    ['longest', ['ab', 'äöü', 'abc'], 'äöü', 12],
    ['earliest', ['2026-02-01', 'soon', '2025-02-01'], '2025-02-01', 13],
    ['latest', ['2026-02-01', 'soon', '2025-02-01'], '2026-02-01', 11],
    ['any_true', ['false', 'TRUE', '1'], 'TRUE', 12],
    ['any_true', [null, 'false'], 'false', 12],
    ['all_true', ['true', 'false'], 'false', 12],
    ['all_true', ['true', null, 'true'], 'true', 11],
    ['sum', ['1', 'x', '2', null], '3', null],
    ['sum', ['0.5', '1'], '1.5', null],
    ['union', ['b; a', null, 'a;c'], 'a;b;c', null],
    ['union', [null, null], null, null],
  ])('by %s of %j is %j, of lead %j', async (rule, values, value, source) => {
    expect(await decided(rule, of(...values))).toEqual({ value, source })
  })

  it('is the most recently updated, or of the oldest lead, that has one', async () => {
    const leads: Lead[] = [
      { value: 'a', created: '2025-03-01T00:00:00Z', updated: null },
      { value: 'b', created: null, updated: '2026-01-01T00:00:00Z' },
      { value: null, created: '2020-01-01', updated: '2026-06-01T00:00:00Z' },
      { value: 'd', created: '2025-01-01', updated: '2026-01-01T00:00:00Z' },
    ]
    const recent = await decided('most_recent', leads)
    expect(recent).toEqual({ value: 'b', source: 12 })
    const oldest = await decided('oldest', leads)
    expect(oldest).toEqual({ value: 'd', source: 14 })
  })
})
