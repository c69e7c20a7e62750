import { afterEach, describe, expect, it } from 'vitest'
import { type Clock, scaledClock } from '../../src/clock.js'
import { Budget, type Ticket } from '../../src/marketo/budget.js'
import { Outage } from '../../src/marketo/outage.js'

const second = 1000
const realistic = scaledClock(1000)
const stops: AbortController[] = []

afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort()
})

function budget(callsPer20s: number, concurrency: number, clock: Clock) {
  const outage = new Outage(clock, () => 0.5)
  const options = { callsPer20s, concurrency, clock, outage }
  return { budget: new Budget(options), outage }
}

/** Whether a promise is still open after all that can happen now. */
async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  const waiting = Symbol('waiting')
  const soon = new Promise((resolve) => setTimeout(resolve, 5, waiting))
  return (await Promise.race([promise, soon])) === waiting
}

/** A clock that stands still until it is moved. */
function handClock(): Clock & { move(milliseconds: number): Promise<void> } {
  let now = 0
  let alarms: { at: number; ring: () => void }[] = []
  return {
    now: () => now,
    monotonic: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        alarms.push({ at: now + milliseconds, ring: resolve })
        signal?.addEventListener('abort', () => reject(signal.reason))
      }),
    async move(milliseconds) {
      now += milliseconds
      const due = alarms.filter(({ at }) => at <= now)
      alarms = alarms.filter(({ at }) => at > now)
      for (const { ring } of due) ring()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('the budget of calls', () => {
  it('A8: never exceeds the window at a server that dates calls late', async () => {
    const limit = 20
    const { budget: gate } = budget(limit, 8, realistic)
    const dated: number[] = []
    let seed = 1
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const call = async () => {
      const ticket = await gate.acquire('read')
      // Up to 15 s on the way, as when requests pile up in front of a gateway.
      await realistic.sleep(random() * 15 * second)
      dated.push(realistic.monotonic())
      await realistic.sleep(random() * second)
      ticket.done()
    }
    await Promise.all(Array.from({ length: 300 }, call))
    dated.sort((a, b) => a - b)
    const windows = dated.map(
      (start) =>
        dated.filter((at) => at >= start && at < start + 20 * second).length,
    )
    expect(Math.max(...windows)).toBeLessThanOrEqual(limit)
    expect(Math.max(...windows)).toBeGreaterThan(limit / 2)
  })

  it('lets callers go in the order in which they came', async () => {
    const { budget: gate } = budget(100, 1, realistic)
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const ticket = await gate.acquire('read')
        order.push(at)
        await realistic.sleep(second)
        ticket.done()
      }),
    )
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  it('A9: writes one at a time, and does not hold up reads for it', async () => {
    const { budget: gate } = budget(100, 3, handClock())
    const first = await gate.acquire('write')
    const next = gate.acquire('write')
    const read = await gate.acquire('read')
    expect(await isWaiting(next)).toBe(true)
    read.done()
    expect(await isWaiting(next)).toBe(true)
    first.done()
    ;(await next).done()
  })

  it('misses no moment at which the line opens', async () => {
    // Time passes between any two looks at the clock, as it does.
    for (let tick = 1; tick < 30_000; tick *= 1.03) {
      const early = (tick % 1) * 4
      let now = 0
      const clock: Clock = {
        now: () => now,
        monotonic: () => (now += tick),
        sleep: async (milliseconds, signal) => {
          const at = now + milliseconds
          await Promise.resolve()
          signal?.throwIfAborted()
          // A timer that rings a little early.
          now = Math.max(now, at - tick * early)
        },
      }
      const { budget: gate, outage } = budget(2, 2, clock)
      outage.failed(now)
      const calls = Array.from({ length: 6 }, async () => {
        const ticket = await gate.acquire('read')
        outage.answered()
        ticket.done()
      })
      expect(await isWaiting(Promise.all(calls))).toBe(false)
    }
  })

  it('gives the place of a call that was never sent back at once', async () => {
    const { budget: gate } = budget(1, 1, handClock())
    const first = await gate.acquire('read')
    const next = gate.acquire('read')
    expect(await isWaiting(next)).toBe(true)
    first.unsent()
    expect(await isWaiting(next)).toBe(false)
  })

  it('counts the window from the answer, not from the sending', async () => {
    const clock = handClock()
    const { budget: gate } = budget(1, 5, clock)
    const first = await gate.acquire('read')
    const next = gate.acquire('read')
    await clock.move(100 * second)
    expect(await isWaiting(next)).toBe(true)
    first.done()
    await clock.move(20 * second)
    expect(await isWaiting(next)).toBe(true)
    await clock.move(second)
    expect(await isWaiting(next)).toBe(false)
  })

  it('lets a caller leave the line without a trace', async () => {
    const { budget: gate } = budget(100, 1, handClock())
    const first = await gate.acquire('write')
    const stop = new AbortController()
    const left = [
      gate.acquire('write', stop.signal),
      gate.acquire('read', stop.signal),
    ]
    const settled = Promise.allSettled(left)
    stop.abort(new Error('enough'))
    const reasons = (await settled).map(({ status }) => status)
    expect(reasons).toEqual(['rejected', 'rejected'])
    first.done()
    ;(await gate.acquire('write')).done()
  })

  it('waits a full window after a 606', async () => {
    const clock = handClock()
    const { budget: gate } = budget(100, 5, clock)
    const refused = await gate.acquire('read')
    gate.hold()
    refused.done()
    const next = gate.acquire('read')
    await clock.move(20 * second)
    expect(await isWaiting(next)).toBe(true)
    await clock.move(second)
    expect(await isWaiting(next)).toBe(false)
  })

  it('halves its width once for calls refused together, and recovers', async () => {
    const clock = handClock()
    const { budget: gate } = budget(100, 4, clock)
    const running = await four(gate)
    await clock.move(second)
    for (const ticket of running) gate.narrow(ticket)
    for (const ticket of running) ticket.done()
    expect(await width(gate)).toBe(2)
    await clock.move(61 * second)
    expect(await width(gate)).toBe(4)
  })

  it('A15: probes one at a time while nothing answers', async () => {
    const clock = handClock()
    const { budget: gate, outage } = budget(100, 4, clock)
    const running = await four(gate)
    await clock.move(second)
    for (const ticket of running) {
      outage.failed(ticket.startedAt)
      ticket.done()
    }
    const next = gate.acquire('read')
    expect(await isWaiting(next)).toBe(true)
    await clock.move(second)
    const probe = await next
    expect(await width(gate)).toBe(0)
    outage.answered()
    probe.done()
    expect(await width(gate)).toBe(4)
  })
})

function four(gate: Budget): Promise<Ticket[]> {
  return Promise.all([1, 2, 3, 4].map(() => gate.acquire('read')))
}

/** How many calls can start now. */
async function width(gate: Budget): Promise<number> {
  const stop = new AbortController()
  const asked = Array.from({ length: 10 }, () =>
    gate.acquire('read', stop.signal),
  )
  const results = Promise.allSettled(asked)
  stop.abort()
  const tickets = (await results).flatMap((each) =>
    each.status === 'fulfilled' ? [each.value] : [],
  )
  for (const ticket of tickets) ticket.unsent()
  return tickets.length
}
