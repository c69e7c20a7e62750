import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { scaledClock } from '../../src/clock.js'
import type { CallRecord, ExportJob, Marketo } from '../../src/marketo/api.js'
import { isJson } from '../../src/marketo/envelope.js'
import { connect, type ConnectOptions } from '../../src/marketo/client.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js'
import { failure } from './stage.js'

const open: Sandbox[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((sandbox) => sandbox.close()))
})

async function start(
  options: Partial<SandboxOptions> = {},
  more: Partial<ConnectOptions> = {},
) {
  const timeScale = options.timeScale ?? 500
  const sandbox = await startSandbox({
    leads: { kind: 'generated', count: 400, seed: 1 },
    seed: 1,
    timeScale,
    ...options,
  })
  open.push(sandbox)
  const calls: CallRecord[] = []
  const marketo = connect({
    endpoint: sandbox.endpoint,
    clientId: sandbox.clientId,
    clientSecret: sandbox.clientSecret,
    budget: { callsPerDay: 20_000, callsPer20s: 50, concurrency: 5 },
    timeScale,
    clock: scaledClock(timeScale),
    random: Math.random,
    onCall: (call) => calls.push(call),
    ...more,
  })
  return { sandbox, marketo, calls }
}

function made(calls: readonly CallRecord[], endpoint: string): number {
  return calls.filter((call) => call.endpoint === endpoint).length
}

/** Polls a job until it has ended. */
async function ended(marketo: Marketo, exportId: string): Promise<ExportJob> {
  for (;;) {
    const job = await marketo.exportJob(exportId)
    if (!['created', 'queued', 'processing'].includes(job.state)) return job
    await marketo.clock.sleep(60_000)
  }
}

async function exported(marketo: Marketo): Promise<ExportJob> {
  const now = marketo.serverNow()
  const created = await marketo.createExport({
    fields: ['id', 'email', 'firstName'],
    filter: {
      kind: 'createdAt',
      startAt: new Date(now - 30 * 86_400_000).toISOString(),
      endAt: new Date(now).toISOString(),
    },
  })
  await marketo.enqueueExport(created.exportId)
  return ended(marketo, created.exportId)
}

/** Ids of leads without a record in a CRM, which would overrule a winner. */
async function someLeads(sandbox: Sandbox, most: number): Promise<string[]> {
  const response = await fetch(`${sandbox.endpoint}/sandbox/state`)
  const text = await response.text()
  const state: unknown = JSON.parse(text)
  if (!isJson(state) || !Array.isArray(state.leads)) throw new Error(text)
  return state.leads
    .filter(isJson)
    .filter(({ sfdcType }) => !sfdcType)
    .slice(0, most)
    .map(({ id }) => String(id))
}

describe('the client against the sandbox', () => {
  it('A2: gets one token for 20 calls at once', async () => {
    const { marketo, calls } = await start()
    await Promise.all(Array.from({ length: 20 }, () => marketo.partitions()))
    expect(made(calls, 'identity/oauth/token')).toBe(1)
    expect(made(calls, 'leads/partitions')).toBe(20)
  })

  it('A8: makes 300 calls at once and never meets a limit', async () => {
    const { marketo, calls } = await start({
      limits: { callsPer20s: 50, concurrency: 5 },
    })
    await Promise.all(Array.from({ length: 300 }, () => marketo.partitions()))
    expect(calls.filter(({ code }) => code === '606')).toEqual([])
    expect(made(calls, 'leads/partitions')).toBeLessThan(310)
    expect(marketo.calls).toBe(calls.filter((call) => call.counted).length)
  })

  it('A8: gets all its answers beside a noisy neighbour', async () => {
    const { marketo, calls } = await start({
      timeScale: 100,
      limits: { noise: 0.9 },
    })
    await Promise.all(Array.from({ length: 30 }, () => marketo.partitions()))
    expect(calls.filter(({ code }) => code === '606')).not.toEqual([])
  })

  it('counts what Marketo counts', async () => {
    const endpoint = 'partitions'
    const { marketo } = await start({
      faults: [
        { kind: 'error', code: '608', match: { endpoint, count: 3 } },
        { kind: 'error', code: '713', match: { endpoint, count: 3 } },
        { kind: 'token-expired', match: { endpoint, after: 8, count: 1 } },
      ],
    })
    for (let call = 0; call < 10; call += 1) await marketo.partitions()
    // The sandbox tells its count before it counts the call that asks.
    const before = marketo.calls
    const { today } = await marketo.usage()
    expect([before, before + 1]).toContain(today)
  })

  it('C1: resumes a download by range to the same SHA-256', async () => {
    const { marketo } = await start({
      leads: { kind: 'generated', count: 3000, seed: 2 },
      faults: [
        {
          kind: 'file-cut',
          bytes: 1000,
          match: { endpoint: 'file', count: 4 },
        },
      ],
    })
    const job = await exported(marketo)
    expect(job).toMatchObject({ state: 'completed' })
    let held = Buffer.alloc(0)
    let cuts = 0
    while (held.length < (job.bytes ?? 0)) {
      const { from, body } = await marketo.downloadExport(
        job.exportId,
        held.length,
      )
      expect(from).toBe(held.length)
      const chunks = [held]
      try {
        for await (const chunk of body) chunks.push(Buffer.from(chunk))
      } catch {
        cuts += 1
      }
      held = Buffer.concat(chunks)
    }
    expect(cuts).toBe(4)
    expect(held.length).toBe(job.bytes)
    expect(createHash('sha256').update(held).digest('hex')).toBe(job.sha256)
  })

  it('merges, and reads the survivor and the activity of it', async () => {
    const { marketo, sandbox } = await start()
    const [winner = '', loser = ''] = await someLeads(sandbox, 2)
    const since = new Date(marketo.serverNow() - 60_000).toISOString()
    const token = await marketo.pagingToken(since)
    await marketo.mergeLeads(winner, [loser], { mergeInCrm: false })
    const left = await marketo.leads([winner, loser], ['email'])
    expect(left.size).toBe(1)
    const { activities } = await marketo.activities(token, [32])
    const merged = activities.map(({ leadId }) => leadId)
    expect(merged).toEqual([...left.keys()])
  })

  it('updates by id, and gets the reason of each refusal', async () => {
    const { marketo, sandbox } = await start()
    const [id = ''] = await someLeads(sandbox, 1)
    const outcomes = await marketo.updateLeads([
      { id: '999999999', values: { city: 'Rome' } },
      { id, values: { city: 'Rome' } },
    ])
    expect(outcomes).toMatchObject([
      { id: '999999999', status: 'skipped', code: '1004' },
      { id, status: 'updated' },
    ])
    const read = await marketo.leads([id], ['city'])
    expect(read.get(id)).toEqual({ city: 'Rome' })
  })

  it('H2: leaves a merge whose answer was lost to the caller', async () => {
    const { marketo, calls, sandbox } = await start({
      faults: [{ kind: 'reset-after', match: { endpoint: 'merge' } }],
    })
    const [winner = '', loser = ''] = await someLeads(sandbox, 2)
    const merge = marketo.mergeLeads(winner, [loser], { mergeInCrm: false })
    expect(await failure(merge)).toMatchObject({ outcome: 'ambiguous' })
    expect(made(calls, 'leads/{id}/merge')).toBe(1)
    expect((await marketo.leads([winner, loser], [])).size).toBe(1)
  })

  it('follows the time of a Marketo that is days ahead', async () => {
    const { marketo, sandbox } = await start({ timeScale: 5000 })
    await marketo.partitions()
    const answer = await fetch(`${sandbox.endpoint}/sandbox/state`)
    const ours = marketo.serverNow()
    const theirs = Date.parse(answer.headers.get('date') ?? '')
    // Real milliseconds between the two looks, at 5000 times their speed.
    expect(Math.abs(ours - theirs)).toBeLessThan(200 * 5000)
  })
})
