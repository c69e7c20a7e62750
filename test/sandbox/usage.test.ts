import { describe, expect, it } from 'vitest'
import type { ExportRecord } from '../../src/sandbox/export-job.js'
import { slotUse } from '../../src/sandbox/slot-use.js'
import { visit, type Caller } from './caller.js'

interface Use {
  readonly limit: number
  readonly highest: number
  readonly refused: number
}

interface Usage {
  readonly limits: Readonly<Record<string, Use>>
  readonly overruns: number
  readonly exportSlots: { readonly share: number | null }
}

function isUsage(body: unknown): body is Usage {
  return typeof body === 'object' && body !== null && 'overruns' in body
}

async function usage(caller: Caller): Promise<Usage> {
  const response = await fetch(`${caller.sandbox.endpoint}/sandbox/usage`)
  const body: unknown = await response.json()
  if (isUsage(body)) return body
  throw new TypeError('The answer is no usage')
}

const all = {
  fields: ['id'],
  filter: {
    createdAt: {
      startAt: '2026-10-25T00:00:00Z',
      endAt: '2026-11-20T00:00:00Z',
    },
  },
}

describe('the highest use of each limit', () => {
  it('is told, with what was refused because of it', async () => {
    const limits = { callsPer20s: 6, exportsQueued: 2 }
    const { caller, clock } = await visit({ limits })
    for (let i = 0; i < 3; i++) await caller.export(all)
    let found = await usage(caller)
    expect(found.limits['callsPer20s']).toMatchObject({ limit: 6, highest: 6 })
    expect(found.limits['exportsQueued']).toMatchObject({
      limit: 2,
      highest: 2,
      refused: 1,
    })
    expect(found.overruns).toBe(1)
    await caller.get('/rest/v1/leads/partitions.json')
    clock.advance(200_000)
    await caller.get('/rest/v1/leads/partitions.json')
    found = await usage(caller)
    expect(found.limits['callsPer20s']).toMatchObject({
      highest: 7,
      refused: 1,
    })
    expect(found.limits['exportsProcessing']).toMatchObject({ highest: 2 })
    expect(found.limits['callsPerDay']?.highest).toBe(8)
    expect(found.limits['exportBytesPerDay']?.highest).toBeGreaterThan(100)
    expect(found.overruns).toBe(2)
    expect(found.exportSlots.share).toBe(0)
  })

  it('counts bytes of parallel jobs that overshoot as an overrun', async () => {
    const limits = { exportBytesPerDay: 50 }
    const { caller, clock } = await visit({ limits })
    await caller.export(all)
    await caller.export(all)
    clock.advance(200_000)
    await caller.get('/rest/v1/leads/partitions.json')
    expect((await usage(caller)).overruns).toBe(1)
  })
})

const day = 86_400_000
const noon = Date.parse('2026-11-20T18:00:00Z')

function job(
  times: readonly [number, number, number],
  bytes = 10,
): ExportRecord {
  const [queuedAt, startedAt, endsAt] = times.map(
    (hours) => noon + hours * 3.6e6,
  )
  return {
    exportId: '',
    n: 1,
    user: '',
    format: 'CSV',
    fields: [],
    headers: {},
    filter: { kind: 'createdAt', from: 0, to: 0 },
    createdAt: 0,
    queuedAt: queuedAt ?? null,
    startedAt: startedAt ?? null,
    endsAt: endsAt ?? null,
    cancelledAt: null,
    failure: null,
    failed: false,
    stuck: false,
    dirt: null,
    rows: 0,
    bytes,
    sha256: '',
  }
}

describe('the share of time with both slots busy', () => {
  const options = { slots: 2, bytesPerDay: 100, least: 0, now: noon + 9 * day }

  it('is counted from the first enqueue to the last start', () => {
    const jobs = [
      job([0, 1, 3]),
      job([0, 1, 4]),
      job([0, 3, 5]),
      job([0, 4, 6]),
    ]
    expect(slotUse(jobs, options)).toEqual({
      open: 4 * 3.6e6,
      full: 3 * 3.6e6,
      idle: 3.6e6,
      share: 0.75,
    })
  })

  it('leaves out the time without quota, until midnight in Chicago', () => {
    const jobs = [job([0, 0, 2], 60), job([0, 0, 2], 50), job([12, 13, 14])]
    // Quota is gone from the first start on; midnight is twelve hours away.
    expect(slotUse(jobs, options)).toMatchObject({ open: 3.6e6, full: 0 })
    const more = { ...options, bytesPerDay: 111 }
    expect(slotUse(jobs, more)).toMatchObject({ open: 13 * 3.6e6 })
    expect(slotUse(jobs, { ...more, least: 5 })).toMatchObject({ open: 3.6e6 })
  })
})
