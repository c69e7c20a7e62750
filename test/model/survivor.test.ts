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

/** Fields of a lead; those that are not named are empty. */
type Lead = Readonly<Record<string, Value>>

const columns = [
  'value',
  'other',
  'third',
  'createdAt',
  'updatedAt',
  'checked',
] as const

/** Leads of one cluster, the winner first; their ids are 11, 12, …. */
async function decided(
  rule: SurviveRule | ConsentRule,
  leads: readonly Lead[],
  field = 'value',
): Promise<{ value: Value; source: number | null }> {
  await warehouse.run(
    `create or replace temp table lead (id bigint, rank bigint, ${columns.map((name) => `"${name}" varchar`).join(', ')})`,
  )
  for (const [index, lead] of leads.entries()) {
    await warehouse.run(
      'insert into lead values ($1, $2, $3, $4, $5, $6, $7, $8)',
      [11 + index, 1 + index, ...columns.map((name) => lead[name] ?? null)],
    )
  }
  const { value, source } = decision(field, rule, {
    value: (name) => `"${name}"`,
    id: 'id',
    rank: 'rank',
    fields: columns,
  })
  return await warehouse.one(
    `select ${value} as value, ${source} as source from lead`,
  )
}

const of = (...values: readonly Value[]): Lead[] =>
  values.map((value) => ({ value }))

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
    ['sum', ['0.1', '0.2', '1e2'], '100.3', null],
    ['sum', [null, 'x'], null, null],
    ['union', [null, null], null, null],
    ['union', [' ; ', ';'], null, null],
    [{ kind: 'union', separator: ', ' }, ['b,a', 'c, a'], 'a, b, c', null],
    [{ kind: 'union', separator: '\n' }, ['b\na b', 'c'], 'a b\nb\nc', null],
    ['most_frequent', ['x', 'Acme', null, 'acme '], 'Acme', 12],
    ['most_frequent', ['b', 'a', 'a', 'b'], 'b', 11],
    ['most_frequent', [null, null], null, null],
    [
      { kind: 'strictest', values: ['no', 'later', 'yes'] },
      ['yes', 'LATER ', null],
      'LATER ',
      12,
    ],
    [{ kind: 'strictest', values: ['no', 'yes'] }, ['yes', '?'], '?', 12],
    [{ kind: 'strictest', values: ['no', 'yes'] }, ['?', 'no'], 'no', 12],
  ])('by %s of %j is %j, of lead %j', async (rule, values, value, source) => {
    expect(await decided(rule, of(...values))).toEqual({ value, source })
  })

  it('is the most recently updated, or of the oldest lead, that has one', async () => {
    const leads: Lead[] = [
      { value: 'a', createdAt: '2025-03-01T00:00:00Z' },
      { value: 'b', updatedAt: '2026-01-01T00:00:00Z' },
      { createdAt: '2020-01-01', updatedAt: '2026-06-01T00:00:00Z' },
      {
        value: 'd',
        createdAt: '2025-01-01',
        updatedAt: '2026-01-01T00:00:00Z',
      },
    ]
    const recent = await decided('most_recent', leads)
    expect(recent).toEqual({ value: 'b', source: 12 })
    const oldest = await decided('oldest', leads)
    expect(oldest).toEqual({ value: 'd', source: 14 })
  })

  it('is of the lead that comes first by another field', async () => {
    const leads: Lead[] = [
      { value: 'a', other: '2024-01-01', third: '9' },
      { value: 'b', other: '2025-06-01', third: '10' },
      { value: 'c', other: 'soon' },
      { other: '2026-01-01', third: '11' },
    ]
    const newest = await decided({ kind: 'newest', field: 'other' }, leads)
    expect(newest).toEqual({ value: 'b', source: 12 })
    const oldest = await decided({ kind: 'oldest', field: 'other' }, leads)
    expect(oldest).toEqual({ value: 'a', source: 11 })
    const highest = await decided({ kind: 'highest', field: 'third' }, leads)
    expect(highest).toEqual({ value: 'b', source: 12 })
    const lowest = await decided({ kind: 'lowest', field: 'third' }, leads)
    expect(lowest).toEqual({ value: 'a', source: 11 })
  })

  it('is of the lead that fills most fields, or most of the named ones', async () => {
    const leads: Lead[] = [
      { value: 'a', other: ' ' },
      { value: 'b', other: 'x', createdAt: '2024-01-01' },
      { value: 'c', third: 'y' },
    ]
    expect(await decided('most_complete', leads)).toEqual({
      value: 'b',
      source: 12,
    })
    const rule = { kind: 'most_complete', fields: ['third'] } as const
    expect(await decided(rule, leads)).toEqual({ value: 'c', source: 13 })
  })

  it.each<['best' | 'most_recent' | 'oldest', number]>([
    ['best', 12],
    ['most_recent', 13],
    ['oldest', 14],
  ])('that the winner lacks comes from the %s lead', async (fill, source) => {
    const leads: Lead[] = [
      { createdAt: '2020-01-01', updatedAt: '2026-11-01' },
      { value: 'b', createdAt: '2023-01-01', updatedAt: '2025-01-01' },
      { value: 'c', createdAt: '2024-01-01', updatedAt: '2026-01-01' },
      { value: 'd', createdAt: '2022-01-01', updatedAt: '2024-01-01' },
    ]
    const rule = { kind: 'fill', fill } as const
    expect(await decided(rule, leads)).toMatchObject({ source })
    const own = leads.with(0, { ...leads[0], value: 'a' })
    expect(await decided(rule, own)).toEqual({ value: 'a', source: 11 })
  })

  it('is not overwritten where a condition holds', async () => {
    const rule: SurviveRule = {
      kind: 'where',
      where: [{ field: 'checked', kind: 'any_of', values: ['true'] }],
      otherwise: 'longest',
    }
    const leads: Lead[] = [
      { value: 'a' },
      { checked: 'true' },
      { value: 'b', checked: 'true' },
      { value: 'long' },
    ]
    expect(await decided(rule, leads)).toEqual({ value: 'b', source: 13 })
    const unchecked = leads.map((lead) => ({ ...lead, checked: null }))
    expect(await decided(rule, unchecked)).toEqual({
      value: 'long',
      source: 14,
    })
    const summed: SurviveRule = { ...rule, otherwise: 'sum' }
    const numbers = of('1', '2')
    expect(await decided(summed, numbers)).toEqual({ value: '3', source: null })
    const kept = numbers.with(1, { value: '2', checked: 'TRUE' })
    expect(await decided(summed, kept)).toEqual({ value: '2', source: 12 })
  })

  it('comes with another field, even where it is empty there', async () => {
    const rule: SurviveRule = { kind: 'with', field: 'other', rule: 'longest' }
    const leads: Lead[] = [
      { value: 'Rome', other: 'a' },
      { value: 'Oslo', other: 'abc' },
      { value: 'Bern' },
    ]
    expect(await decided(rule, leads)).toEqual({ value: 'Oslo', source: 12 })
    const hole = leads.with(1, { other: 'abc' })
    expect(await decided(rule, hole)).toMatchObject({ value: null })
  })

  it('comes with its group from one lead, the one that fills most of it', async () => {
    const rule: SurviveRule = {
      kind: 'group',
      fields: ['value', 'other', 'third'],
      rule: 'most_recent',
    }
    const leads: Lead[] = [
      { value: 'a street', other: 'a town', updatedAt: '2026-06-01' },
      {
        value: 'b street',
        other: 'b town',
        third: 'b',
        updatedAt: '2024-01-01',
      },
      {
        value: 'c street',
        other: 'c town',
        third: 'c',
        updatedAt: '2025-01-01',
      },
    ]
    for (const field of ['value', 'other', 'third']) {
      const found = await decided(rule, leads, field)
      expect(found.source).toBe(13)
      expect(found.value).toMatch(/^c/)
    }
    const nobody = await decided(rule, of(null, null), 'other')
    expect(nobody.value).toBeNull()
  })
})
