import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { base, type BaseLead } from './base.js'

const pipeline = `marketo: sandbox
services:
  person:
    type: dedupe
    match: [{ same: [email] }]
`

function lead(
  id: number,
  person: string,
  createdAt: string | null,
  leadSource: string | null,
  more: BaseLead = {},
): BaseLead {
  const email = `${person}@x.example`
  return { id: String(id), email, createdAt, leadSource, ...more }
}

const leads: readonly BaseLead[] = [
  lead(9, 'ann', '2026-01-10T10:00:00Z', 'Web'),
  lead(2, 'ann', '2026-01-10T10:00:07Z', 'API'),
  lead(3, 'ann', '2026-02-10T10:00:00Z', 'API'),
  lead(4, 'bob', '2026-01-11T10:00:00Z', 'API'),
  lead(5, 'cat', '2026-02-11T10:00:00Z', 'API'),
  lead(6, 'dan', '2026-02-12T10:00:00Z', ' ', { sfdcType: 'Contact' }),
  lead(7, 'dan', '2026-02-12T10:09:00Z', null),
  lead(8, 'eve', null, 'Web'),
]

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await base({
    pipeline,
    leads,
    types: { createdAt: 'datetime' },
    models: ['duplicate_source', 'duplicate_source_pair'],
  })
})
afterAll(async () => {
  await warehouse.close()
})

interface Row {
  readonly source: string
  readonly month: string | null
  readonly created: number
  readonly duplicates: number
  readonly share: number
  readonly change: number | null
}

function sources(kind: string) {
  return warehouse.rows<Row>(
    `select source, strftime(month, '%Y-%m') as month, created, duplicates,
       share, share_change as change
     from duplicate_source where source_kind = $1
     order by source, month nulls first`,
    [kind],
  )
}

describe('where duplicates come from', () => {
  it('is told by the source of every lead that was not the first', async () => {
    expect(await sources('leadSource')).toEqual([
      {
        source: 'API',
        month: '2026-01',
        created: 2,
        duplicates: 1,
        share: 0.5,
        change: null,
      },
      {
        source: 'API',
        month: '2026-02',
        created: 2,
        duplicates: 1,
        share: 0.5,
        change: 0,
      },
      {
        source: 'Web',
        month: null,
        created: 1,
        duplicates: 0,
        share: 0,
        change: null,
      },
      {
        source: 'Web',
        month: '2026-01',
        created: 1,
        duplicates: 0,
        share: 0,
        change: 0,
      },
      {
        source: 'none',
        month: '2026-02',
        created: 2,
        duplicates: 1,
        share: 0.5,
        change: null,
      },
    ])
  })

  it('is told by the CRM, where no field of a source is exported too', async () => {
    const found = await sources('CRM sync')
    expect(found).toContainEqual({
      source: 'not in the CRM',
      month: '2026-02',
      created: 3,
      duplicates: 2,
      share: 2 / 3,
      change: 2 / 3 - 1 / 3,
    })
  })

  it('is told by how soon they came after the lead before', async () => {
    const found = await sources('race window')
    const seen = found.map((row) => [
      row.source,
      row.month,
      row.created,
      row.duplicates,
    ])
    expect(seen).toEqual([
      ['later', '2026-02', 4, 1],
      ['within 10 minutes', '2026-02', 4, 1],
      ['within 10 seconds', '2026-01', 3, 1],
    ])
  })

  it('is told by pairs of sources, the earlier and the later one', async () => {
    const pairs = await warehouse.rows<object>(
      `select earlier_source as earlier, later_source as later, duplicates,
         within_10_seconds as seconds, within_10_minutes as minutes
       from duplicate_source_pair where source_kind = 'leadSource'
       order by all`,
    )
    expect(pairs).toEqual([
      { earlier: 'API', later: 'API', duplicates: 1, seconds: 0, minutes: 0 },
      { earlier: 'Web', later: 'API', duplicates: 1, seconds: 1, minutes: 1 },
      { earlier: 'none', later: 'none', duplicates: 1, seconds: 0, minutes: 1 },
    ])
  })

  it('counts no field that is not exported', async () => {
    const kinds = await warehouse.rows<{ kind: string }>(
      'select distinct source_kind as kind from duplicate_source order by kind',
    )
    expect(kinds.map(({ kind }) => kind)).toEqual([
      'CRM sync',
      'leadSource',
      'race window',
    ])
  })
})
