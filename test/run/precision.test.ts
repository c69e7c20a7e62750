import { describe, expect, it } from 'vitest'
import { checkGuardrails } from '../../src/load/guard.js'
import { makeFound } from '../../src/run/found.js'
import { labelPrecision, precisionStop } from '../../src/run/precision.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { built, type Lead } from './build-file.js'

/** Leads 1 to 4 are merged as one, 5 and 6 wait for review, 7 was merged. */
const leads: Lead[] = [
  ...[1, 2, 3, 4].map((id) => lead(id, 1, 'merge')),
  ...[5, 6].map((id) => lead(id, 2, 'review')),
  { ...lead(7, null, 'merge'), into: 8 },
  lead(8, null, 'merge'),
]

function lead(
  id: number,
  cluster: number | null,
  status: Lead['status'],
): Lead {
  return { id, cluster, status, into: null, entity: null }
}

async function measured(labels: string, overrides = '') {
  const folders = await built(leads, null)
  const warehouse = await Warehouse.open({
    path: folders.build,
    temp: folders.temp,
    sealed: true,
  })
  try {
    await warehouse.run(
      `insert into meta.label select a, b, is_same, 'zoe', null, null, origin from (values ${labels}) as t(a, b, is_same, origin)`,
    )
    if (overrides !== '') {
      await warehouse.run(
        `insert into seed.override (kind, lead_id, other_id) values ${overrides}`,
      )
    }
    await makeFound(warehouse)
    return await labelPrecision(warehouse)
  } finally {
    await warehouse.close()
  }
}

describe('precision by labels', () => {
  it('counts random pairs that are merged or were, and no others', async () => {
    const found = await measured(
      `(1, 2, true, 'sample'), (2, 3, false, 'sample'), (7, 8, true, 'sample'),
       (5, 6, true, 'sample'), (1, 5, false, 'sample'), (1, 3, true, 'review')`,
    )
    expect(found).toMatchObject({ merged: 4, labels: 3, right: 2 })
  })

  it('goes on counting a wrong merge that a person has corrected', async () => {
    const labels = `(1, 2, true, 'sample'), (1, 5, false, 'sample')`
    const found = await measured(labels, `('never_merge', 1, 5)`)
    expect(found).toMatchObject({ labels: 2, right: 1 })
  })
})

describe('min_precision', () => {
  const limits = {
    merges: 10,
    mergeShare: 1,
    updates: 10,
    clusterSize: 10,
    consentChanges: null,
    crmMerges: null,
    minPrecision: 0.99,
  }
  const size = {
    leads: 9,
    merges: 1,
    losers: 1,
    updates: 0,
    largestCluster: 2,
    consentChanges: 0,
    crmMerges: 0,
  }
  const broken = (parts: object) =>
    checkGuardrails({ ...size, ...parts }, limits)
      .filter(({ ok }) => !ok)
      .map(({ name }) => name)

  it('stops what labels do not prove, and nothing where nobody is merged', () => {
    expect(broken({})).toEqual(['min_precision'])
    expect(broken({ precision: 0.9899 })).toEqual(['min_precision'])
    expect(broken({ precision: 0.99 })).toEqual([])
    expect(broken({ merges: 0, losers: 0 })).toEqual([])
    const none = { ...limits, minPrecision: null }
    expect(checkGuardrails(size, none).every(({ ok }) => ok)).toBe(true)
  })

  it('tells too few labels from too many mistakes', () => {
    const found = { merged: 900, labels: 100, right: 100 }
    expect(
      precisionStop(
        { ...found, interval: { low: 0.9637, high: 1 } },
        0.99,
        'acme',
      ),
    ).toBe(
      'min_precision 0.99: 100 labels are too few to know; they show a precision of at least 0.9637. 268 more without a mistake would do: pipeline review acme --sample 268 --html sample.html.',
    )
    expect(
      precisionStop(
        { ...found, right: 97, interval: { low: 0.91482, high: 0.99378 } },
        0.99,
        'acme',
      ),
    ).toBe(
      'min_precision 0.99: of 100 labelled merges 3 were wrong, so the precision lies between 0.9148 and 0.9937 (95 %). Correct the rules, label more, or approve the plan.',
    )
    const proven = { ...found, interval: { low: 0.991, high: 1 } }
    expect(precisionStop(proven, 0.99, 'acme')).toBeNull()
  })
})
