import { describe, expect, it } from 'vitest'
import { deadlineOf, type Limits, nextTime } from '../../src/run/deadline.js'

const none: Limits = { maxDuration: null, until: null, isScheduled: false }
const paris = { cron: '0 5 * * *', timezone: 'Europe/Paris', until: '07:00' }
const at = (iso: string) => Date.parse(iso)
const iso = (time: number | undefined) => new Date(time ?? 0).toISOString()
/** The next such time in Paris. */
const next = (now: string, time: string) =>
  iso(nextTime(at(now), time, 'Europe/Paris'))

describe('the end of a run', () => {
  it('is none where nobody names one', () => {
    expect(deadlineOf(none, paris, 0)).toBeNull()
  })

  it('comes after the duration, or at the time where that is earlier', () => {
    const now = at('2026-11-21T05:30:00Z')
    const long = deadlineOf({ ...none, maxDuration: '1h30m' }, paris, now)
    expect(iso(long?.at)).toBe('2026-11-21T07:00:00.000Z')
    const both = { ...none, maxDuration: '90m', until: '07:00' }
    const end = deadlineOf(both, paris, now)
    expect(iso(end?.at)).toBe('2026-11-21T06:00:00.000Z')
    expect(end?.words).toBe('07:00 Europe/Paris')
  })

  it('is schedule.until only where a scheduler started the run', () => {
    const now = at('2026-11-21T05:30:00Z')
    const scheduled = { ...none, isScheduled: true }
    const end = deadlineOf(scheduled, paris, now)
    expect(iso(end?.at)).toBe('2026-11-21T06:00:00.000Z')
    const other = deadlineOf({ ...scheduled, until: '08:00' }, paris, now)
    expect(iso(other?.at)).toBe('2026-11-21T07:00:00.000Z')
    expect(deadlineOf(scheduled, null, now)).toBeNull()
  })

  it('is in UTC where the pipeline names no zone', () => {
    const end = deadlineOf({ ...none, until: '07:00' }, null, at('2026-11-21'))
    expect(iso(end?.at)).toBe('2026-11-21T07:00:00.000Z')
  })

  it('must be written as a duration or a time of day', () => {
    for (const maxDuration of ['30', '', '0m', 'soon', '-5m', '1.5h']) {
      expect(() => deadlineOf({ ...none, maxDuration }, null, 0)).toThrow(
        /is not a duration; write 30m/,
      )
    }
    for (const until of ['7:00', '24:00', '07:60', 'noon']) {
      expect(() => deadlineOf({ ...none, until }, null, 0)).toThrow(
        /is not a time of day; write 07:00/,
      )
    }
  })
})

describe('the next time of day', () => {
  it('is tomorrow where it has passed today', () => {
    const passed = at('2026-11-21T06:00:00Z')
    expect(iso(nextTime(passed, '07:00', 'Europe/Paris'))).toBe(
      '2026-11-22T06:00:00.000Z',
    )
  })

  it('follows the clocks of the zone on the days when they change', () => {
    // 29 March 2026 at 02:00 becomes 03:00, 25 October at 03:00 becomes 02:00.
    expect(next('2026-03-28T23:30:00Z', '07:00')).toBe(
      '2026-03-29T05:00:00.000Z',
    )
    expect(next('2026-03-28T23:30:00Z', '02:30')).toBe(
      '2026-03-29T01:30:00.000Z',
    )
    expect(next('2026-10-24T22:30:00Z', '02:30')).toBe(
      '2026-10-25T00:30:00.000Z',
    )
    expect(next('2026-10-25T00:30:00Z', '07:00')).toBe(
      '2026-10-25T06:00:00.000Z',
    )
  })
})
