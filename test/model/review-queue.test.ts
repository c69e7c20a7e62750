import { describe, expect, it } from 'vitest'
import type { Override } from '../../src/pipeline/override.js'
import { base, type BaseLead } from './base.js'

const pipeline = `marketo: sandbox
services:
  people:
    type: dedupe
    match: [{ same: [email] }]
    never: [{ differ: sfdcAccountId }]
`

const lead = (id: number, parts: BaseLead = {}): BaseLead => ({
  id: String(id),
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  unsubscribed: 'false',
  leadPartitionId: '1',
  ...parts,
})

const pair = (
  kind: Override['kind'],
  leadId: number,
  otherId: number,
): Partial<Override> => ({
  kind,
  leadId: String(leadId),
  otherId: String(otherId),
})

describe('decisions about leads', () => {
  it('follow merges, and decide nothing where the leads are one or gone', async () => {
    const warehouse = await base({
      pipeline,
      models: ['lead_override'],
      leads: [1, 2, 3, 4, 5, 6, 7].map((id) => lead(id)),
      merges: [
        ['1', '2', '2026-11-01T00:00:00Z'],
        ['2', '3', '2026-11-02T00:00:00Z'],
      ],
      missing: ['7'],
      overrides: [
        pair('never_merge', 1, 4),
        pair('never_merge', 2, 3),
        pair('always_merge', 5, 7),
        { kind: 'exclude', leadId: '1' },
        { kind: 'value', leadId: '2', field: 'phone', value: '+1' },
        { kind: 'exclude', leadId: '7' },
        // Once 1 and 3 are one lead, these speak of the same pair.
        pair('always_merge', 1, 6),
        pair('never_merge', 3, 6),
      ],
    })
    const rows = await warehouse.rows<Record<string, unknown>>(
      `select kind, lead_id::int as one, other_id::int as other
       from dedupe.lead_override order by all`,
    )
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['exclude', 3, null],
      ['never_merge', 3, 4],
      ['never_merge', 3, 6],
      ['value', 3, null],
    ])
    await warehouse.close()
  })
})

/** Two leads of one address that cannot be merged by themselves. */
const doubtful = (id: number, one: BaseLead, other: BaseLead) => [
  lead(id, { email: `p${id}@acme.example`, ...one }),
  lead(id + 1, { email: `p${id}@acme.example`, ...other }),
]

describe('the review queue', () => {
  const apart = [{ leadPartitionId: '1' }, { leadPartitionId: '2' }] as const

  it('has the riskiest first and leaves out what people decided', async () => {
    const warehouse = await base({
      pipeline,
      models: ['review_queue'],
      leads: [
        ...doubtful(10, ...apart),
        ...doubtful(20, apart[0], { ...apart[1], unsubscribed: 'true' }),
        ...doubtful(30, { sfdcType: 'Contact' }, { sfdcType: 'Lead' }),
        ...doubtful(40, ...apart),
        ...doubtful(50, {}, {}),
        lead(42, { email: 'p40@acme.example' }),
      ],
      overrides: [pair('never_merge', 10, 11), pair('never_merge', 40, 41)],
    })
    const rows = await warehouse.rows<{
      item: string
      leads: number
      reason: string
      decided: boolean
    }>(
      `select item, leads::int as leads, reason, is_decided as decided
       from main.review_queue order by risk desc, item`,
    )
    const shown = rows.map((row) => [row.item, row.leads, row.decided])
    expect(shown.slice(0, 2)).toEqual([
      ['people:20', 2, false],
      ['people:30', 2, false],
    ])
    const at = (item: string) => rows.find((row) => row.item === item)
    // Of three leads one pair decides too little.
    expect(at('people:40')?.decided ?? false).toBe(false)
    expect(at('people:10')?.decided ?? true).toBe(true)
    expect(at('people:30')?.reason).toBe(
      '2 of its leads live in the CRM: merge them there, or allow it by crm.merge: true',
    )
    expect(at('people:50')).toBeUndefined()
    await warehouse.close()
  })

  it('keeps what a person calls one while something else holds it', async () => {
    const warehouse = await base({
      pipeline,
      models: ['review_queue'],
      leads: [
        ...doubtful(10, ...apart),
        ...doubtful(20, { sfdcType: 'Contact' }, { sfdcType: 'Lead' }),
      ],
      overrides: [pair('always_merge', 10, 11), pair('always_merge', 20, 21)],
    })
    const waiting = await warehouse.rows<{ item: string; reason: string }>(
      `select item, reason from main.review_queue
       where not is_decided order by item`,
    )
    expect(waiting.map(({ item, reason }) => [item, reason])).toEqual([
      ['people:10', 'its leads live in 2 partitions: move them into one'],
      [
        'people:20',
        '2 of its leads live in the CRM: merge them there, or allow it by crm.merge: true',
      ],
    ])
    await warehouse.close()
  })
})

/** Three leads of whom the outer two live in different accounts. */
const chain = (id: number): BaseLead[] => [
  lead(id, { email: `c${id}@acme.example`, sfdcAccountId: `one${id}` }),
  lead(id + 1, {
    email: `c${id}@acme.example`,
    phone: `+46701234${id}`,
    lastName: 'Holm',
  }),
  lead(id + 2, {
    phone: `+46701234${id}`,
    lastName: 'Holm',
    sfdcAccountId: `two${id}`,
  }),
]

describe("a person's word about a held cluster", () => {
  it('merges it where all are one, splits it where they are not', async () => {
    const warehouse = await base({
      pipeline: pipeline.replace(
        '{ same: [email] }',
        '{ same: [email] }, { same: [phone, last_name] }',
      ),
      models: ['review_queue', 'load_merge'],
      leads: [100, 200, 300, 400].flatMap(chain),
      overrides: [
        // 100 is undecided.
        pair('always_merge', 200, 201),
        pair('always_merge', 200, 202),
        pair('never_merge', 300, 301),
        pair('never_merge', 300, 302),
        pair('never_merge', 301, 302),
        // Taken out of matching, whatever else was said of it.
        { kind: 'exclude', leadId: '400' },
        pair('always_merge', 400, 402),
      ],
    })
    const clusters = await warehouse.rows<Record<string, unknown>>(
      `select component::int as component, leads::int as leads, status
       from dedupe.cluster order by all`,
    )
    expect(clusters.map((row) => Object.values(row))).toEqual([
      [100, 3, 'review'],
      [200, 3, 'merge'],
      [401, 2, 'merge'],
    ])
    const waiting = await warehouse.rows<{ item: string }>(
      `select item from main.review_queue where not is_decided`,
    )
    expect(waiting.map(({ item }) => item)).toEqual(['people:100'])
    const said = await warehouse.rows<{ rules: string[] }>(
      `select rules from load.load_merge where winner_id between 200 and 299`,
    )
    expect(said[0]?.rules[0]).toBe('a person said so')
    await warehouse.close()
  })
})
