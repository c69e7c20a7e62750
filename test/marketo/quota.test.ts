import { describe, expect, it } from 'vitest'
import { quotaDay, quotaDayStart, quotaReset } from '../../src/marketo/day.js'
import { Quota } from '../../src/marketo/quota.js'

const hour = 3_600_000
const at = (iso: string) => Date.parse(iso)

function quota(now: () => number, more = {}) {
  return new Quota({
    callsPerDay: 100,
    subscriptionCalls: 50_000,
    share: 0.5,
    initialCalls: 0,
    now,
    ...more,
  })
}

function spend(of: Quota, calls: number): void {
  for (let call = 0; call < calls; call += 1) of.charge()
}

describe('the quota day', () => {
  it('A12: never ends before either candidate, at both edges of DST', () => {
    const edges = [at('2026-03-08T00:00:00Z'), at('2026-11-01T00:00:00Z')]
    for (const edge of edges) {
      for (let step = -48; step <= 48; step += 0.25) {
        const now = edge + step * hour
        const reset = quotaReset(now)
        for (const reading of ['civil', 'standard'] as const) {
          expect(quotaDay(reset, reading)).not.toBe(quotaDay(now, 'standard'))
          expect(quotaDay(quotaDayStart(now) - 1, reading)).not.toBe(
            quotaDay(now, reading),
          )
        }
      }
    }
  })

  it('changes at 05:00 or 06:00 UTC in summer and at 06:00 in winter', () => {
    expect(quotaDay(at('2026-07-02T04:59:59Z'), 'civil')).toBe('2026-07-01')
    expect(quotaDay(at('2026-07-02T05:00:00Z'), 'civil')).toBe('2026-07-02')
    expect(quotaDay(at('2026-07-02T05:00:00Z'), 'standard')).toBe('2026-07-01')
    expect(quotaDay(at('2026-12-02T05:59:59Z'), 'civil')).toBe('2026-12-01')
    expect(quotaDay(at('2026-12-02T06:00:00Z'), 'civil')).toBe('2026-12-02')
  })
})

describe('the daily budget', () => {
  it('stops at the limit and opens at the reset', () => {
    let now = at('2026-12-01T12:00:00Z')
    const daily = quota(() => now)
    daily.read(0)
    spend(daily, 100)
    expect(daily.obstacle).toBe('budget')
    expect(daily.resetsAt).toBe(at('2026-12-02T06:00:00Z'))
    now = at('2026-12-02T05:59:59Z')
    expect(daily.obstacle).toBe('budget')
    now = at('2026-12-02T06:00:00Z')
    expect(daily.obstacle).toBeNull()
    expect(daily.calls).toBe(100)
  })

  it('overruns neither reading of a summer midnight', () => {
    let now = at('2026-07-02T04:30:00Z')
    const daily = quota(() => now)
    spend(daily, 60)
    now = at('2026-07-02T05:30:00Z')
    spend(daily, 40)
    expect(daily.obstacle).toBe('budget')
    now = at('2026-07-02T06:30:00Z')
    // If midnight was at 05:00, today has 40 calls already.
    expect(daily.today).toBe(40)
  })

  it('A11: takes no more than half of what others leave', () => {
    const daily = quota(() => at('2026-12-01T12:00:00Z'), {
      callsPerDay: 20_000,
    })
    let others = 49_000
    let made = 0
    while (daily.obstacle === null) {
      if (daily.needsReading) daily.read(others + made)
      daily.charge()
      made += 1
    }
    expect(made).toBe(500)
    others = 50_000
    daily.read(others + made)
    expect(daily.budget).toBe(0)
  })

  it('asks again after 250 calls and on a new day', () => {
    let now = at('2026-12-01T12:00:00Z')
    const daily = quota(() => now, { callsPerDay: 20_000 })
    expect(daily.needsReading).toBe(true)
    daily.read(0)
    spend(daily, 249)
    expect(daily.needsReading).toBe(false)
    daily.charge()
    expect(daily.needsReading).toBe(true)
    daily.read(250)
    expect(daily.needsReading).toBe(false)
    now += 24 * hour
    expect(daily.needsReading).toBe(true)
  })

  it('remembers earlier runs, and gives back what Marketo does not count', () => {
    const daily = quota(() => at('2026-12-01T12:00:00Z'), { initialCalls: 99 })
    const charge = daily.charge()
    expect(daily.obstacle).toBe('budget')
    charge.refund()
    expect(daily.obstacle).toBeNull()
    expect([daily.calls, daily.today]).toEqual([0, 99])
  })

  it('A10: lets nobody call between a 607 and the reset', () => {
    let now = at('2026-07-01T12:00:00Z')
    const daily = quota(() => now)
    daily.usedUp()
    expect(daily.obstacle).toBe('daily_quota')
    now = at('2026-07-02T05:59:59Z')
    expect(daily.obstacle).toBe('daily_quota')
    now = at('2026-07-02T06:00:00Z')
    expect(daily.obstacle).toBeNull()
  })
})
