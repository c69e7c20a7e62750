import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ExtractEvent } from '../../src/extract/event.js'
import type { Marketo } from '../../src/marketo/api.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import type { Fault } from '../../src/sandbox/fault.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { landedIds, pipelineOf, Setup } from './setup.js'

/** Three windows, or four, up to the sandbox's now. */
const start = { fields: ['phone'], start: '2026-09-01' }
const pipeline = pipelineOf({ extract: start })

const create = 'export/create\\.json$'
const enqueue = 'enqueue\\.json$'
const file = '/file\\.json$'

async function run(
  faults: readonly Fault[],
  options: Partial<SandboxOptions> = {},
  using: Pipeline = pipeline,
) {
  const setup = await Setup.start({ faults, ...options })
  const outcome = await setup.extract({ pipeline: using }).then(
    (extract) => ({ extract, error: null }),
    (error: unknown) => ({ extract: null, error }),
  )
  return { setup, ...outcome }
}

function again(events: readonly ExtractEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'again' ? [event.why] : []))
}

/** Ids of the base from the start date on. */
async function expected(setup: Setup): Promise<string[]> {
  const { leads } = await setup.world()
  return leads
    .filter(({ createdAt }) => String(createdAt) >= start.start)
    .map(({ id }) => String(id))
}

describe('export jobs', () => {
  it('land the whole base when nothing goes wrong', async () => {
    const { setup, extract } = await run([])
    expect(await landedIds(extract)).toEqual(await expected(setup))
    expect(extract?.isComplete).toBe(true)
    expect(extract?.unverified).toBe(0)
  })

  it('are found in the list when the answer to their creation is lost (B1)', async () => {
    const { setup, extract } = await run([
      { kind: 'reset-after', match: { endpoint: create, nth: 2 } },
    ])
    expect(await landedIds(extract)).toEqual(await expected(setup))
    expect(again(setup.events)).toEqual(['adopted'])
    const { jobs } = await setup.world()
    expect(jobs).toHaveLength(extract?.jobs ?? 0)
    expect(jobs.every(({ queuedAt }) => queuedAt !== null)).toBe(true)
  })

  it('are never a stranger that happened to be created then', async () => {
    const setup = await Setup.start({
      faults: [{ kind: 'reset-before', match: { endpoint: create, nth: 2 } }],
    })
    let strangers = 0
    const marketo: Marketo = {
      ...setup.marketo,
      createExport: async (request) => {
        if (strangers === 0) {
          strangers += 1
          const fields = ['id', 'city']
          await setup.marketo.createExport({ ...request, fields })
        }
        return await setup.marketo.createExport(request)
      },
    }
    const extract = await setup.extract({ pipeline, marketo })
    expect(await landedIds(extract)).toEqual(await expected(setup))
    expect(again(setup.events)).toContain('file_differs')
  })

  it('are queued once when the answer to the queueing is lost (B2)', async () => {
    const { setup, extract } = await run([
      { kind: 'reset-after', match: { endpoint: enqueue, count: 2 } },
    ])
    expect(await landedIds(extract)).toEqual(await expected(setup))
    expect((await setup.world()).jobs).toHaveLength(extract?.jobs ?? 0)
  })

  it('wait for a place in a full queue, one, two, four minutes (B3)', async () => {
    const { setup, extract } = await run(
      [
        {
          kind: 'error',
          code: '1029',
          message: 'Too many jobs in queue',
          match: { endpoint: enqueue, count: 3 },
        },
      ],
      { limits: { exportsProcessing: 2 } },
      pipelineOf({
        extract: { fields: [], start: '2026-11-10' },
      }),
    )
    const waits = setup.events.flatMap((event) =>
      event.type === 'wait' && event.why === 'queue' ? [event.seconds] : [],
    )
    expect(waits).toEqual([60, 120, 240])
    expect(extract?.isComplete).toBe(true)
    const { jobs } = await setup.world()
    expect(jobs.every(({ cancelledAt }) => cancelledAt === null)).toBe(true)
  })

  it('pause after two hours before a full queue, naming the window', async () => {
    const { error } = await run([
      {
        kind: 'error',
        code: '1029',
        message: 'Too many jobs in queue',
        match: { endpoint: enqueue },
      },
    ])
    expect(error).toMatchObject({ code: 'queue_full', exit: 4 })
    expect(String(error)).toContain('leads created 2026-09-')
  })

  it('are created again when they fail, twice at most (B6)', async () => {
    const twice = await run([
      {
        kind: 'job-failed',
        message: 'Internal error',
        match: { endpoint: enqueue, count: 2 },
      },
    ])
    expect(await landedIds(twice.extract)).toEqual(await expected(twice.setup))
    expect(again(twice.setup.events)).toEqual(['failed', 'failed'])

    const always = await run(
      [{ kind: 'job-failed', message: 'Internal error' }],
      {},
      pipelineOf({ extract: { fields: [], start: '2026-11-10' } }),
    )
    expect(always.error).toMatchObject({ code: 'export_failed', exit: 4 })
    expect(String(always.error)).toContain('Internal error')
    expect(always.setup.count('bulk/leads/export/create')).toBe(3)
  })

  it('that went wrong too often are two of half the time in the next run', async () => {
    const one = pipelineOf({ extract: { fields: [], start: '2026-11-10' } })
    const { setup, error } = await run([{ kind: 'job-failed' }], {}, one)
    expect(error).toMatchObject({ code: 'export_failed', exit: 4 })
    await setup.clearFaults()
    const extract = await setup.extract({ pipeline: one })
    const { jobs, leads } = await setup.world()
    const [whole, ...halves] = [jobs[0], ...jobs.slice(3)]
    expect(halves).toHaveLength(2)
    const [first, second] = halves.map(({ filter }) => filter)
    expect(first?.from).toBe(whole?.filter.from)
    expect(second?.from).toBe((first?.to ?? 0) + 1000)
    expect(second?.to).toBe(whole?.filter.to)
    const ids = leads
      .filter(({ createdAt }) => String(createdAt) >= '2026-11-10')
      .map(({ id }) => String(id))
    expect(await landedIds(extract)).toEqual(ids)
  })

  it('that never end are waited for by the next run, then replaced (B7)', async () => {
    const one = pipelineOf({ extract: { fields: [], start: '2026-11-10' } })
    const hurried = { timeScale: 60_000 }
    const { setup, error } = await run([{ kind: 'job-stuck' }], hurried, one)
    expect(error).toMatchObject({ code: 'export_stuck', exit: 4 })
    const { jobs } = await setup.world()
    expect(String(error)).toContain(jobs[0]?.exportId)
    expect(jobs).toHaveLength(1)
    await setup.clearFaults()
    const extract = await setup.extract({ pipeline: one })
    const after = await setup.world()
    expect(after.jobs).toHaveLength(2)
    expect(after.jobs[0]?.cancelledAt).not.toBeNull()
    const ids = after.leads
      .filter(({ createdAt }) => String(createdAt) >= '2026-11-10')
      .map(({ id }) => String(id))
    expect(await landedIds(extract)).toEqual(ids)
    expect(again(setup.events)).toEqual(['stuck'])
  })

  it('are polled no faster than once a minute of Marketo (B8)', async () => {
    const { setup } = await run([])
    const polls = new Map<number, number>()
    for (const { endpoint, at } of setup.calls) {
      if (endpoint !== 'bulk/leads/export/{id}/status') continue
      const minute = Math.floor(Date.parse(at) / 60_000)
      polls.set(minute, (polls.get(minute) ?? 0) + 1)
    }
    // Four jobs in the queue, and the edges of a minute.
    expect(Math.max(...polls.values())).toBeLessThanOrEqual(8)
  })

  it('whose file comes late are waited for, then created again (B9)', async () => {
    const late = await run([
      { kind: 'file-missing', match: { endpoint: file, count: 3 } },
    ])
    expect(await landedIds(late.extract)).toEqual(await expected(late.setup))
    expect(again(late.setup.events)).toEqual([])

    const never = await run([
      { kind: 'file-missing', match: { endpoint: file, count: 12 } },
    ])
    expect(await landedIds(never.extract)).toEqual(await expected(never.setup))
    expect(again(never.setup.events)).toEqual(['file_missing'])
  })

  it('whose file differs are fetched again (C4, C5)', async () => {
    for (const kind of ['file-corrupt', 'file-short'] as const) {
      const { setup, extract } = await run([
        { kind, match: { endpoint: file, count: 2 } },
      ])
      expect(await landedIds(extract)).toEqual(await expected(setup))
      expect((await setup.world()).jobs).toHaveLength(extract?.jobs ?? 0)
    }
  })

  it('whose file differs three times fail with the file kept, and the next run exports anew', async () => {
    const one = pipelineOf({ extract: { fields: [], start: '2026-11-10' } })
    const { setup, error } = await run(
      [{ kind: 'file-corrupt', match: { endpoint: file, count: 3 } }],
      {},
      one,
    )
    expect(error).toMatchObject({ code: 'file_differs', exit: 4 })
    const [kept = ''] = / kept as (\S+);/.exec(String(error))?.slice(1) ?? []
    expect(existsSync(kept)).toBe(true)
    const extract = await setup.extract({ pipeline: one })
    expect(extract.rows).toBeGreaterThan(0)
    expect((await setup.world()).jobs).toHaveLength(2)
  })

  it('survive expiring tokens, slow answers, 606, 615 and broken answers', async () => {
    const { setup, extract } = await run([
      { kind: 'token-expired', match: { endpoint: 'status', nth: 1 } },
      { kind: 'token-expired', match: { endpoint: file, nth: 2 } },
      { kind: 'error', code: '606', match: { endpoint: create, nth: 1 } },
      { kind: 'error', code: '615', match: { endpoint: 'status', nth: 3 } },
      { kind: 'http', status: 502, match: { endpoint: 'status', nth: 2 } },
      { kind: 'empty-body', match: { endpoint: 'status', nth: 4 } },
      { kind: 'no-result', match: { endpoint: 'status', nth: 5 } },
    ])
    expect(await landedIds(extract)).toEqual(await expected(setup))
  })

  it('leave nothing of the downloads behind', async () => {
    const { setup, extract } = await run([])
    const folder = join(setup.folder, 'landing', extract?.id ?? '')
    const kinds = new Set(
      readdirSync(folder).map((name) => name.replace(/^[^.]*/, '')),
    )
    expect(kinds).toEqual(new Set(['.json', '.parquet']))
  })
})
