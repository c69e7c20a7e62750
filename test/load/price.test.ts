import { describe, expect, it } from 'vitest'
import { batches } from '../../src/load/batch.js'
import { FieldRules } from '../../src/load/field-rule.js'
import { checkGuardrails } from '../../src/load/guard.js'
import type { MergeRow, PlanRow, UpdateRow } from '../../src/load/plan.js'
import {
  importObstacle,
  PriceMeter,
  type PriceRules,
} from '../../src/load/price.js'

const reason = { service: 's', rules: [], winner: '', from: {} }
const budget = {
  callsPerDay: 20_000,
  callsPer20s: 50,
  concurrency: 5,
  exportMbPerDay: 400,
}

function merge(losers: number, more: Partial<MergeRow> = {}): MergeRow {
  return {
    row: 'm',
    kind: 'merge',
    winner: '1',
    losers: Array.from({ length: losers }, (_, n) => String(n + 2)),
    mergeInCrm: false,
    before: {},
    set: {},
    after: {},
    kept: [],
    reason,
    ...more,
  }
}

function update(set: Record<string, string> = { a: 'b' }): UpdateRow {
  return { row: 'u', kind: 'update', id: '1', before: {}, set, reason }
}

function repeat<Row>(count: number, row: Row): Row[] {
  return Array.from({ length: count }, () => row)
}

function price(rows: readonly PlanRow[]) {
  const meter = new PriceMeter()
  for (const row of rows) meter.add(row)
  return meter.price(budget, 7)
}

describe('the price of a plan', () => {
  it('counts reading, merging and reading back', () => {
    expect(price([merge(1), merge(2)]).calls).toBe(1 + 2 + 1)
  })

  it('counts writing the survivors and reading them back', () => {
    expect(price([merge(1, { set: { phone: '1' } })]).calls).toBe(1 + 2 + 1 + 1)
  })

  it('counts a call for 25 losers, or for each with the CRM', () => {
    expect(price([merge(60)]).calls).toBe(1 + 3 + 1)
    expect(price([merge(3, { mergeInCrm: true })]).calls).toBe(1 + 3 + 1)
  })

  it('counts three calls for 300 updates', () => {
    expect(price(repeat(900, update())).calls).toBe(9)
    expect(price(repeat(901, update())).calls).toBe(12)
  })

  it('says minutes, share of the day and CRM backlog', () => {
    const { minutes, share, crm } = price(repeat(30_000, update()))
    expect(minutes).toBeCloseTo(2.5)
    expect(share).toBeCloseTo(300 / 20_000)
    expect(crm).toBe(7)
  })

  it('is nothing for nothing', () => {
    expect(price([])).toEqual({ calls: 0, minutes: 0, share: 0, crm: 7 })
  })
})

async function sizes(rows: readonly PlanRow[]): Promise<number[]> {
  const found = []
  for await (const batch of batches(rows)) found.push(batch.rows.length)
  return found
}

const schema = {
  searchable: ['id', 'email'],
  fields: ['a', 'b', 'born'].map((name) => ({
    name,
    displayName: name,
    dataType: name === 'born' ? 'date' : 'string',
    length: 255,
    updateable: true,
    crmManaged: false,
  })),
}

function routed(rows: readonly PlanRow[], more: Partial<PriceRules> = {}) {
  const rules = new FieldRules(schema)
  const by = { rules, bulkImport: true, crmRecordsPerHour: null, ...more }
  const meter = new PriceMeter(by)
  for (const row of rows) meter.add(row)
  return meter.price(budget, 0)
}

describe('keeping lists and programs', () => {
  it('is a call for each lead of a merge and kind, and said', () => {
    const pairs = repeat(40, merge(1))
    const [none, both] = [0, 2].map((kept) => routed(pairs, { kept }))
    expect(none?.keeping).toBeUndefined()
    expect(both?.keeping).toBe(160)
    expect(both?.calls).toBe((none?.calls ?? 0) + 160)
  })
})

describe('the route of updates', () => {
  it('is bulk import where that takes fewer calls, with its figures', () => {
    const { calls, callsBySync, imports } = routed(repeat(9000, update()))
    expect(imports).toEqual([
      { fields: ['a'], rows: 9000, files: 1, bytes: 234_000, calls: 64 },
    ])
    expect([calls, callsBySync]).toEqual([64, 90])
  })

  it('is sync calls for few rows, and for what a CSV does not hold', () => {
    expect(routed(repeat(1200, update())).imports).toBeUndefined()
    const sync: Record<string, string>[] = [
      { a: 'NULL' },
      { a: ' b' },
      { a: 'b\nc' },
      { born: '2001-01-01' },
    ]
    for (const set of sync) {
      const found = routed(repeat(9000, update(set)))
      expect([found.imports, found.calls]).toEqual([undefined, 90])
    }
  })

  it('keeps rows of other fields in other files, so that no cell is blank', () => {
    const rows = [
      ...repeat(3000, update()),
      ...repeat(3000, update({ a: 'x', b: 'y' })),
      ...repeat(150, update({ b: 'y' })),
    ]
    const { imports, calls } = routed(rows)
    expect(imports?.map(({ fields }) => fields)).toEqual([['a'], ['a', 'b']])
    expect(calls).toBe(24 + 24 + 3)
  })

  it('leaves no few rows behind that cost as much as the import saves', () => {
    const rows = [
      ...repeat(2065, update()),
      ...repeat(2, update({ b: 'NULL' })),
    ]
    expect(routed(rows).imports).toBeUndefined()
    expect(routed(rows).calls).toBe(21)
  })

  it('splits files by bytes and by rows', () => {
    const large = update({ a: 'x'.repeat(2000) })
    expect(routed(repeat(9000, large)).imports?.[0]?.files).toBe(2)
    expect(routed(repeat(60_001, update())).imports?.[0]?.files).toBe(3)
  })

  it('is refused where the id is no lookup, or the pipeline says never', () => {
    expect(importObstacle(schema, true)).toBeNull()
    expect(importObstacle({ ...schema, searchable: [] }, true)).toContain('id')
    expect(importObstacle(schema, false)).toContain('never')
  })

  it('says the hours of CRM-linked rows, which no import takes', () => {
    const linked = { ...update(), crm: true } as const
    const found = routed(repeat(3000, linked), { crmRecordsPerHour: 1500 })
    expect(found).toMatchObject({ crmHours: 2, minutes: 120 })
    expect(found.imports).toBeUndefined()
    expect(found.calls).toBe(3 * (3000 / 25) + 1)
    const few = routed(repeat(67, linked), { crmRecordsPerHour: 2000 })
    // To the tenth of a minute, as the minutes are.
    expect((few.crmHours ?? 0) * 60).toBeCloseTo(2.1, 6)
    expect(few.minutes).toBe(2.1)
  })
})

describe('batches', () => {
  it('hold 50 merges or 300 leads, and never both kinds', async () => {
    expect(await sizes(repeat(120, merge(1)))).toEqual([50, 50, 20])
    expect(await sizes(repeat(30, merge(19)))).toEqual([15, 15])
    expect(await sizes([merge(400), merge(1), update()])).toEqual([1, 1, 1])
  })

  it('hold as many updates as ten calls write', async () => {
    expect(await sizes(repeat(3001, update()))).toEqual([3000, 1])
  })
})

describe('guardrails', () => {
  const limits = {
    merges: 10,
    mergeShare: 0.02,
    updates: 5,
    clusterSize: 4,
    consentChanges: null,
    crmMerges: null,
    minPrecision: null,
  }

  it('G8: name each limit that a plan exceeds', () => {
    const size = {
      leads: 1000,
      merges: 11,
      losers: 21,
      updates: 5,
      largestCluster: 5,
      consentChanges: 3,
      crmMerges: 2,
    }
    const broken = checkGuardrails(size, limits).filter(({ ok }) => !ok)
    expect(broken).toEqual([
      { name: 'merges', value: 11, limit: 10, ok: false },
      { name: 'merge_share', value: 0.021, limit: 0.02, ok: false },
      { name: 'cluster_size', value: 5, limit: 4, ok: false },
    ])
  })

  it('limit consent changes and merges in the CRM where they are asked to', () => {
    const size = {
      leads: 1000,
      merges: 1,
      losers: 1,
      updates: 0,
      largestCluster: 2,
      consentChanges: 3,
      crmMerges: 2,
    }
    const strict = { ...limits, consentChanges: 2, crmMerges: 2 }
    expect(checkGuardrails(size, strict).slice(-2)).toEqual([
      { name: 'consent_changes', value: 3, limit: 2, ok: false },
      { name: 'crm_merges', value: 2, limit: 2, ok: true },
    ])
  })

  it('hold for a plan without rows in an instance without leads', () => {
    const size = {
      leads: 0,
      merges: 0,
      losers: 0,
      updates: 0,
      largestCluster: 0,
      consentChanges: 3,
      crmMerges: 2,
    }
    expect(checkGuardrails(size, limits).every(({ ok }) => ok)).toBe(true)
  })
})
