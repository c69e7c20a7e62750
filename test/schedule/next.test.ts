import { describe, expect, it } from 'vitest'
import type { Schedule } from '../../src/pipeline/policy.js'
import type { RunRecord } from '../../src/run/record.js'
import { nextRuns, pastRuns, wallTime } from '../../src/schedule/next.js'
import { overdue } from '../../src/schedule/overdue.js'

function plan(cron: string, more: Partial<Schedule> = {}) {
  const schedule: Schedule = {
    cron,
    timezone: 'Europe/Paris',
    until: null,
    paused: false,
    blackout: [],
    missed: 'run_once',
    ...more,
  }
  return { name: 'acme', schedule }
}

function times(dates: readonly Date[]): string[] {
  return dates.map((date) => date.toISOString().slice(0, 16))
}

describe('the next runs of a schedule', () => {
  it('stay at the same time on the wall when clocks change', () => {
    const spring = nextRuns(plan('0 5 * * *'), new Date('2026-03-28T00:00Z'), 3)
    expect(times(spring)).toEqual([
      '2026-03-28T04:00',
      '2026-03-29T03:00',
      '2026-03-30T03:00',
    ])
  })

  it('come once where the hour is skipped, and once where it comes twice', () => {
    const gap = nextRuns(plan('30 2 * * *'), new Date('2026-03-28T12:00Z'), 2)
    expect(times(gap)).toEqual(['2026-03-29T01:00', '2026-03-30T00:30'])
    const twice = new Date('2026-10-24T12:00Z')
    const half = nextRuns(plan('*/30 2 * * *'), twice, 3)
    expect(times(half)).toEqual([
      '2026-10-25T00:00',
      '2026-10-25T00:30',
      '2026-10-26T01:00',
    ])
    const lord = { timezone: 'Australia/Lord_Howe' }
    const howe = nextRuns(
      plan('45 1 * * *', lord),
      new Date('2026-04-04T00:00Z'),
      2,
    )
    expect(howe.map((at) => wallTime(at, lord.timezone))).toEqual([
      '2026-04-05 01:45',
      '2026-04-06 01:45',
    ])
  })

  it.each([
    'Europe/Paris',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Santiago',
    'Africa/Casablanca',
  ])('give each wall time of a year at most one run in %s', (timezone) => {
    const start = new Date('2026-01-01T00:00Z')
    const often = plan('30 0-3 * * *', { timezone })
    const runs = nextRuns(often, start, 4 * 365)
    const shown = runs.map((at) => wallTime(at, timezone))
    expect(shown.at(-1)).toMatch(/^202(6-12|7-01)/)
    expect(new Set(shown).size).toBe(shown.length)
    const change = runs.findIndex((at, index) => {
      const apart = +at - Number(runs[index - 1] ?? at)
      return apart > 0 && apart % 3_600_000 !== 0
    })
    const near = runs.slice(Math.max(0, change), change + 60)
    const past = pastRuns(often, near.at(-1) ?? start, {
      after: new Date(Number(near[0]) - 1),
      n: 100,
    })
    expect(times(past.toReversed())).toEqual(times(near))
  })

  it('go by real hours where every hour is asked for', () => {
    const hours = nextRuns(plan('0 * * * *'), new Date('2026-10-24T23:30Z'), 4)
    const apart = hours.slice(1).map((at, i) => +at - Number(hours[i]))
    expect(apart).toEqual([3_600_000, 3_600_000, 3_600_000])
  })

  it('leave out days of blackout, and all where it is paused', () => {
    const blackout = [
      { from: '2026-12-24', to: '2026-12-26' },
      { from: '2026-12-28', to: '2026-12-28' },
    ]
    const runs = nextRuns(
      plan('0 5 * * *', { blackout }),
      new Date('2026-12-23T12:00Z'),
      2,
    )
    expect(times(runs)).toEqual(['2026-12-27T04:00', '2026-12-29T04:00'])
    const none = plan('0 5 * * *', { paused: true })
    expect(nextRuns(none, new Date('2026-12-23T12:00Z'), 2)).toEqual([])
  })

  it('go on after a long blackout, however often they are', () => {
    const blackout = [{ from: '2026-12-01', to: '2027-02-28' }]
    for (const timezone of ['Pacific/Kiritimati', 'Pacific/Niue', 'UTC']) {
      const often = plan('* * * * *', { blackout, timezone })
      const [next] = nextRuns(often, new Date('2026-12-20T12:00Z'), 1)
      expect(wallTime(next ?? new Date(0), timezone)).toBe('2027-03-01 00:00')
      const [last] = pastRuns(often, new Date('2026-12-20T12:00Z'), {
        after: new Date(0),
        n: 1,
      })
      expect(wallTime(last ?? new Date(0), timezone)).toBe('2026-11-30 23:59')
    }
  })

  it('end where a day never comes', () => {
    expect(nextRuns(plan('0 5 30 2 *'), new Date('2026-01-01'), 1)).toEqual([])
  })
})

describe('a pipeline is overdue', () => {
  const run = (started_at: string, exit_code: number) =>
    ({ started_at, exit_code, status: 'done' }) as RunRecord
  const known = new Date('2026-11-01T00:00Z')

  it('after one and a half periods without a success', () => {
    const daily = plan('0 5 * * *', { timezone: 'UTC' })
    const runs = [
      run('2026-11-20T05:00:00.000Z', 0),
      run('2026-11-21T05:00:00.000Z', 4),
    ]
    const at = (now: string) =>
      overdue(daily, runs, { now: new Date(now), known })
    expect(at('2026-11-21T16:59:00Z')).toBe(null)
    expect(at('2026-11-21T17:00:00Z')).toEqual({
      pipeline: 'acme',
      last_success: '2026-11-20T05:00:00.000Z',
      since: '2026-11-21T17:00:00.000Z',
      period_seconds: 86_400,
    })
  })

  it('by the period around its last success, so that a weekend is none', () => {
    const weekdays = plan('0 5 * * 1-5', { timezone: 'UTC' })
    const runs = [run('2026-11-20T05:00:00.000Z', 0)]
    const at = (now: string) =>
      overdue(weekdays, runs, { now: new Date(now), known })?.since ?? null
    expect(at('2026-11-23T12:00:00Z')).toBe(null)
    expect(at('2026-11-25T12:00:00Z')).toBe('2026-11-24T17:00:00.000Z')
  })

  it('from when its file was written, where it never ran', () => {
    const daily = plan('0 5 * * *', { timezone: 'UTC' })
    const now = new Date('2026-11-03T00:00Z')
    expect(overdue(daily, [], { now, known })?.last_success).toBe(null)
    expect(overdue(daily, [], { now: known, known })).toBe(null)
    const paused = plan('0 5 * * *', { paused: true })
    expect(overdue(paused, [], { now, known })).toBe(null)
  })
})
