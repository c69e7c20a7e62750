import { describe, expect, it } from 'vitest'
import {
  isoSecond,
  longestWindow,
  type Measure,
  toSecond,
  type Window,
} from '../../src/extract/window.js'
import { nextWindow } from '../../src/extract/window-plan.js'

const day = 86_400
const plenty = 400_000_000

const perLead = 300

/** Plans to the cut line; each window weighs what `bytes` says. */
function plan(
  start: string,
  end: string,
  bytes: (window: Window) => number,
  left: () => number = () => plenty,
): Measure[] {
  const weighed: Measure[] = []
  const cut = toSecond(end)
  let from = toSecond(start)
  while (from <= cut) {
    const window = nextWindow({ ...nothing, from, cut, weighed, left: left() })
    if (window === null) return weighed
    const weight = bytes(window)
    weighed.push({ ...window, bytes: weight, rows: weight / perLead })
    from = window.to + 1
  }
  return weighed
}

const nothing = {
  from: 0,
  cut: 4000 * day,
  weighed: [],
  earlier: [],
  running: [],
  left: plenty,
  limit: plenty,
}

function gaps(windows: readonly Window[]): number[] {
  return windows
    .slice(1)
    .map(({ from }, index) => from - (windows[index]?.to ?? 0))
}

describe('windows', () => {
  it('cover every second from the start to the cut line once', () => {
    const windows = plan('2015-01-01', '2026-11-21T05:00:03Z', () => 1_000_000)
    expect(isoSecond(windows[0]?.from ?? 0)).toBe('2015-01-01T00:00:00Z')
    expect(isoSecond(windows.at(-1)?.to ?? 0)).toBe('2026-11-21T05:00:03Z')
    expect(new Set(gaps(windows))).toEqual(new Set([1]))
  })

  it('are never longer than 31 days, however empty', () => {
    const windows = plan('2006-01-01', '2026-11-21', () => 0)
    const longest = Math.max(...windows.map(({ from, to }) => to - from + 1))
    expect(longest).toBe(31 * day)
    expect(windows).toHaveLength(Math.ceil((7629 * day + 1) / longestWindow))
  })

  it('meet to the second on the days when clocks change', () => {
    for (const shift of ['2026-03-08', '2026-11-01', '2026-03-29']) {
      const from = toSecond(shift) - 31 * day + 7200
      const windows = plan(isoSecond(from), '2026-12-31', () => 0)
      expect(new Set(gaps(windows))).toEqual(new Set([1]))
      expect(windows[0]?.to).toBe(toSecond(shift) + 7200 - 1)
    }
  })

  it('hold a single second when the base starts at the cut line', () => {
    const at = '2026-11-21T05:00:03Z'
    expect(plan(at, at, () => 0)).toHaveLength(1)
  })

  it('fit what is left of the day by the weight of those before', () => {
    const perDay = 10_000_000
    let used = 0
    const weigh = ({ from, to }: Window) => {
      const bytes = ((to - from + 1) / day) * perDay
      used += bytes
      return bytes
    }
    const windows = plan('2024-01-01', '2024-03-15', weigh, () =>
      Math.max(1, plenty - used),
    )
    expect(windows[0]?.to).toBe(toSecond('2024-02-01') - 1)
    const [, second] = windows
    expect(second?.bytes).toBeLessThanOrEqual(plenty - 31 * perDay)
    expect(second?.bytes).toBeGreaterThan(20_000_000)
    expect(used).toBeGreaterThan(0.8 * plenty)
    expect(used).toBeLessThanOrEqual(plenty)
  })

  it('leave room for the exports that still run, and for bursts', () => {
    const month = { from: 0, to: 31 * day - 1 }
    const bytes = 310_000_000
    const input = {
      ...nothing,
      from: 62 * day,
      weighed: [{ ...month, bytes, rows: bytes / perLead }],
      left: 320_000_000,
    }
    const two = [{ from: 31 * day, to: 32 * day - 1 }]
    const alone = nextWindow({ ...input, running: two })
    const beside = nextWindow({
      ...input,
      running: [{ from: 31 * day, to: 41 * day - 1 }],
    })
    expect(length(beside)).toBeLessThan(length(alone))
    const weight = (10 * day + length(beside)) * (bytes / length(month))
    expect(weight).toBeLessThan(input.left - 0.12 * plenty)
    expect(weight).toBeGreaterThan(0.6 * input.left)
  })

  it('hold back what the heaviest imports so far weighed', () => {
    const months = Array.from({ length: 40 }, (_, month) => ({
      from: month * 31 * day,
      to: (month + 1) * 31 * day - 1,
      rows: month % 9 === 4 ? 300_000 : 30_000,
      bytes: month % 9 === 4 ? 90_000_000 : 9_000_000,
    }))
    const input = { ...nothing, from: 40 * 31 * day, weighed: months }
    const running = [{ from: 39 * 31 * day, to: 40 * 31 * day - 1 }]
    const [burst, usual] = [81_000_000, 9_000_000]
    const enough = nextWindow({ ...input, running, left: 5 * burst })
    expect(length(enough)).toBe(31 * day)
    // Both could hold one: that would be too much.
    const left = 2 * (burst + usual)
    const less = nextWindow({ ...input, running, left })
    expect(length(less)).toBeLessThan(31 * day)
  })

  it('wait for the first weight before there are several', () => {
    const running = [{ from: 0, to: 31 * day - 1 }]
    expect(nextWindow({ ...nothing, from: 31 * day, running })).toBeNull()
    expect(nextWindow({ ...nothing, from: 31 * day })).not.toBeNull()
  })

  it('are none where not even an hour fits what is left of the day', () => {
    const heavy = { from: 0, to: day - 1, bytes: 24_000_000_000, rows: 80e6 }
    const input = { ...nothing, from: day, weighed: [heavy] }
    expect(nextWindow({ ...input, left: plenty / 2 })).toBeNull()
    // A whole day has no more, so it must do.
    expect(length(nextWindow(input))).toBe(3600)
  })

  it('are none for the crumbs of a day, but for the last one', () => {
    const light = { from: 0, to: 31 * day - 1, bytes: 4e6, rows: 10_000 }
    const input = { ...nothing, from: 31 * day, weighed: [light] }
    expect(nextWindow({ ...input, left: plenty / 50 })).toBeNull()
    expect(length(nextWindow({ ...input, left: plenty / 4 }))).toBe(31 * day)
    const rest = { ...input, left: plenty / 50, cut: 31 * day + 7200 }
    expect(length(nextWindow(rest))).toBe(7201)
  })

  it('are sized by what an extract before found at the same times', () => {
    const months = [0, 1, 2, 3].map((month) => ({
      from: month * 31 * day,
      to: (month + 1) * 31 * day - 1,
      rows: month === 2 ? 4_000_000 : 1000,
      bytes: month === 2 ? 1_200_000_000 : 300_000,
    }))
    const at = (month: number) =>
      nextWindow({ ...nothing, from: month * 31 * day, earlier: months })
    expect(length(at(1))).toBe(31 * day)
    const rows = (length(at(2)) / (31 * day)) * 4_000_000
    expect(rows * perLead).toBeLessThanOrEqual(200_000_000)
    expect(length(at(3))).toBe(31 * day)
  })

  it('are written without milliseconds', () => {
    expect(isoSecond(toSecond('2026-11-21T05:00:03.987Z'))).toBe(
      '2026-11-21T05:00:03Z',
    )
  })
})

function length(window: Window | null): number {
  return window === null ? 0 : window.to - window.from + 1
}
