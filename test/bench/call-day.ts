/** Callers that never rest, for a day of time that only waiting moves. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Marketo } from '../../src/marketo/api.js'
import { connect } from '../../src/marketo/client.js'
import { startSandbox } from '../../src/sandbox/sandbox.js'
import { JumpClock } from '../soak/jump-clock.js'
import { type RateUse, usageOf } from './call-usage.js'

const start = Date.parse('2026-11-20T15:00:00Z')
const callers = 6
/** No limit: the rate is what is measured, over ends of tokens and days. */
const callsPerDay = 1_000_000

export async function measureDay(
  callsPer20s: number,
  minutes: number,
): Promise<RateUse> {
  const folder = mkdtempSync(join(tmpdir(), 'calls-'))
  const path = join(folder, 'leads.csv')
  writeFileSync(path, 'id,email\n1,p1@example.com\n')
  const clock = new JumpClock(start, true)
  const sandbox = await startSandbox({
    leads: { kind: 'file', path },
    seed: 1,
    clock: clock.forServer(),
    limits: { callsPerDay },
    timing: { readLatency: [0, 100], syncLatency: [0, 200] },
  })
  const over: number[] = []
  try {
    const marketo = connect({
      endpoint: sandbox.endpoint,
      clientId: sandbox.clientId,
      clientSecret: sandbox.clientSecret,
      budget: { callsPerDay, callsPer20s, concurrency: 5 },
      share: 1,
      timeScale: 1,
      clock,
      random: () => 0.5,
      onCall: (call) => {
        if (call.counted) over.push(clock.now())
      },
    })
    const end = start + minutes * 60_000
    const calling = Array.from({ length: callers }, (_, n) =>
      keepCalling(marketo, n, () => clock.now() < end),
    )
    await Promise.all(calling)
    const { highest, refused } = await usageOf(sandbox.endpoint)
    const spent = (over.at(-1) ?? 0) - (over[0] ?? 0)
    const allowed = callsPer20s * (1 + spent / 20_000)
    return {
      used: over.length,
      virtualMinutes: spent / 60_000,
      rateUsed: over.length / allowed,
      peak: highest,
      refused,
    }
  } finally {
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One of them writes, the others read. */
async function keepCalling(
  marketo: Marketo,
  number: number,
  isTime: () => boolean,
): Promise<void> {
  for (let n = 0; isTime(); n += 1) {
    if (number > 0) await marketo.leads(['1'], ['email'])
    else await marketo.updateLeads([{ id: '1', values: { title: `T${n}` } }])
  }
}
