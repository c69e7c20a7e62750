import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { strangerNote } from '../../src/run/override.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { base } from './base.js'

let warehouse: Warehouse

beforeAll(async () => {
  const lead = (id: string) => ({
    id,
    email: `p${id}@acme.example`,
    emailDomain: null,
  })
  warehouse = await base({
    pipeline: `marketo: sandbox
services:
  domain:
    type: domain
    write: { emailDomain: domain }
`,
    leads: ['1', '2', '3'].map(lead),
    merges: [['9', '3', '2026-01-01T00:00:00Z']],
    overrides: [
      { kind: 'exclude', leadId: '2' },
      { kind: 'never_merge', leadId: '9', otherId: '77' },
      { kind: 'winner', leadId: '1' },
    ],
    models: ['load_update', 'lead_fate'],
  })
})
afterAll(async () => {
  await warehouse.close()
})

describe('a lead that a person wants to be left alone', () => {
  it('is not updated either', async () => {
    const updates = await warehouse.rows(
      'select cast(id as varchar) as id from load.load_update order by id',
    )
    expect(updates).toEqual([{ id: '1' }, { id: '3' }])
  })
})

describe('a decision on a lead that nobody has seen', () => {
  it('is told, but not one on a lead that was merged away', async () => {
    expect(await strangerNote(warehouse, 'acme')).toBe(
      'Decisions in pipelines/acme.override.csv are about 1 lead that is in no export (77), so they decide nothing; check the ids.',
    )
    await warehouse.run('delete from seed.override where other_id = 77')
    expect(await strangerNote(warehouse, 'acme')).toBeNull()
  })
})
