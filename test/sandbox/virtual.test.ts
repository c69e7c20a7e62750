import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { VirtualBase } from '../../src/sandbox/virtual-base.js'
import { folder, visit, type Caller } from './caller.js'
import type { ManualClock } from './manual-clock.js'

const from = Date.parse('2016-01-01T00:00:00Z')
const to = Date.parse('2026-11-01T00:00:00Z')
const leads = { kind: 'virtual', count: 10_000_000, seed: 4, from, to } as const

function visitVirtual(
  options: Partial<SandboxOptions> = {},
): Promise<{ caller: Caller; clock: ManualClock }> {
  return visit({ leads, ...options })
}

/** The rows of an export without its header, split at commas. */
async function rowsOf(
  caller: Caller,
  clock: ManualClock,
  fields: readonly string[],
  filter: object,
): Promise<{ rows: string[][]; bytes: Buffer; told: Record<string, unknown> }> {
  const id = await caller.export({ fields, filter })
  clock.advance(1_000_000)
  const path = `/bulk/v1/leads/export/${id}/status.json`
  const told = (await caller.get(path)).result?.[0] ?? {}
  const bytes = Buffer.from(await (await caller.file(id)).arrayBuffer())
  const lines = bytes.toString().split('\n').slice(1, -1)
  return { rows: lines.map((line) => line.split(',')), bytes, told }
}

function range(startAt: string, endAt: string): object {
  return { startAt, endAt }
}

describe('a virtual base', () => {
  const base = new VirtualBase({ ...leads, count: 100_000 })

  it('creates its leads in the order of their ids, unevenly', () => {
    const days = new Map<string, number>()
    let before = from
    for (let index = 0; index < base.count; index++) {
      const at = base.createdAt(index)
      expect(at >= before && at <= to).toBe(true)
      before = at
      const day = new Date(at).toISOString().slice(0, 10)
      days.set(day, (days.get(day) ?? 0) + 1)
    }
    const counts = [...days.values()].toSorted((a, b) => a - b)
    const middle = counts[counts.length >> 1] ?? 0
    expect(counts.at(-1)).toBeGreaterThan(20 * middle)
  })

  it('finds the index of every id, and none for the gaps', () => {
    for (let index = 0; index < base.count; index += 997) {
      const id = base.id(index)
      expect(base.indexOf(id)).toBe(index)
      expect(base.indexOf(String(BigInt(id) - 1n))).toBeNull()
    }
    expect(base.indexOf('1')).toBeNull()
    expect(base.indexOf(String(base.lastId + 3n))).toBeNull()
  })

  it('cuts windows that join to the whole', () => {
    const cuts = [from, from + 1e9, from + 9e10, to - 1e10, to + 1000]
    const indexes = cuts.map((cut) => base.firstSince(cut))
    expect(indexes[0]).toBe(0)
    expect(indexes.at(-1)).toBe(base.count)
    for (const [at, index] of indexes.entries()) {
      if (index === 0 || index === base.count) continue
      expect(base.createdAt(index - 1)).toBeLessThan(cuts[at] ?? 0)
      expect(base.createdAt(index)).toBeGreaterThanOrEqual(cuts[at] ?? 0)
    }
  })
})

describe('ten million virtual leads', () => {
  it('are exported by windows, as the status tells, in any ranges', async () => {
    const { caller, clock } = await visitVirtual()
    const window = range('2020-03-01T00:00:00Z', '2020-03-05T23:59:59Z')
    const { rows, bytes, told } = await rowsOf(
      caller,
      clock,
      ['id', 'createdAt', 'email'],
      { createdAt: window },
    )
    expect(rows.length).toBeGreaterThan(2000)
    expect(told).toMatchObject({
      numberOfRecords: rows.length,
      fileSize: bytes.length,
      fileChecksum: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    })
    expect(new Set(rows.map(([id]) => id)).size).toBe(rows.length)
    const days = new Set(rows.map(([, at]) => at?.slice(0, 10)))
    expect(days).toEqual(
      new Set([1, 2, 3, 4, 5].map((day) => `2020-03-0${day}`)),
    )
    const part = await caller.file(
      String(told['exportId']),
      'bytes=99990-100009',
    )
    expect(Buffer.from(await part.arrayBuffer())).toEqual(
      bytes.subarray(99_990, 100_010),
    )
  })

  it('are the same by id, by address and in an export', async () => {
    const { caller, clock } = await visitVirtual()
    const fields = ['id', 'email', 'firstName', 'phone', 'updatedAt']
    const window = range('2021-06-01T00:00:00Z', '2021-06-01T06:00:00Z')
    const { rows } = await rowsOf(caller, clock, fields, { createdAt: window })
    const ids = rows.slice(0, 300).map(([id]) => id)
    const answer = await caller.get(
      `/rest/v1/leads.json?filterType=id&filterValues=${ids.join(',')}&fields=${fields.join(',')}`,
    )
    const byId = new Map(
      answer.result?.map((lead) => [String(lead['id']), lead]),
    )
    for (const row of rows.slice(0, 300)) {
      const lead = byId.get(row[0] ?? '')
      expect(fields.map((name) => String(lead?.[name]))).toEqual(row)
    }
    const [, email = ''] = rows[0] ?? []
    const query = `filterType=email&filterValues=${encodeURIComponent(email)}`
    const found = await caller.get(`/rest/v1/leads.json?${query}`)
    expect(found.result?.map(({ id }) => String(id))).toContain(rows[0]?.[0])
  })

  it('change and disappear as others do', async () => {
    const { caller, clock } = await visitVirtual()
    const base = new VirtualBase(leads)
    const index = base.firstSince(Date.parse('2020-03-01T12:00:00Z'))
    const [kept, dropped] = [base.id(index), base.id(index + 1)]
    await caller.post('/rest/v1/leads.json', {
      action: 'updateOnly',
      lookupField: 'id',
      input: [{ id: Number(kept), firstName: 'Changed' }],
    })
    await caller.post(`/rest/v1/leads/delete.json?id=${dropped}`)
    const window = range('2020-03-01T00:00:00Z', '2020-03-01T23:59:59Z')
    const fields = ['id', 'firstName']
    const { rows } = await rowsOf(caller, clock, fields, { createdAt: window })
    expect(rows.filter(([id]) => id === kept)).toEqual([[kept, 'Changed']])
    expect(rows.filter(([id]) => id === dropped)).toEqual([])
    const updatedAt = range('2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z')
    const changed = await rowsOf(caller, clock, fields, { updatedAt })
    expect(changed.rows).toEqual([[kept, 'Changed']])
  })

  it('are the same after a restart, with their changes', async () => {
    const state = `${folder()}/state.jsonl`
    const { caller } = await visitVirtual({ state })
    await caller.post('/rest/v1/leads/delete.json?id=1000002')
    await caller.sandbox.close()
    const again = await visitVirtual({ state })
    const path =
      '/rest/v1/leads.json?filterType=id&filterValues=1000002,1000004'
    const answer = await again.caller.get(path)
    expect(answer.result?.map(({ id }) => id)).toEqual([1_000_004])
  })
})
