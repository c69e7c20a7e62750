import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { scaledClock } from '../../src/clock.js'
import type { CallRecord } from '../../src/marketo/api.js'
import { connect, type ConnectOptions } from '../../src/marketo/client.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js'

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

function count(calls: readonly CallRecord[], endpoint: string): number {
  return calls.filter((call) => call.endpoint === endpoint).length
}

describe('the client against the sandbox', () => {
  it('A2: gets one token for 20 calls at once', async () => {
    const { marketo, calls } = await start()
    await Promise.all(Array.from({ length: 20 }, () => marketo.partitions()))
    expect(count(calls, 'identity/oauth/token')).toBe(1)
    expect(count(calls, 'leads/partitions')).toBe(20)
  })
})
