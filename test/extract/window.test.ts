import { describe, expect, it } from 'vitest'
import {
  isoSecond,
  longestWindow,
  nextWindow,
  toSecond,
  type WeighedWindow,
  type Window,
} from '../../src/extract/window.js'

const day = 86_400
const plenty = 400_000_000

/** Plans to the cut line; each window weighs what `bytes` says. */
function plan(
  start: string,
  end: string,
  bytes: (window: Window) => number,
  left: () => number = () => plenty,
): WeighedWindow[] {
  const weighed: WeighedWindow[] = []
  const cut = toSecond(end)
  let from = toSecond(start)
  while (from <= cut) {
    const window = nextWindow({ from, cut, weighed, running: [], left: left() })
    weighed.push({ ...window, bytes: bytes(window) })
    from = window.to + 1
  }
  return weighed
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
    expect(second?.bytes).toBeGreaterThan(50_000_000)
  })

  it('leave room for the exports that still run', () => {
    const month = { from: 0, to: 31 * day - 1 }
    const input = {
      from: 62 * day,
      cut: 400 * day,
      weighed: [{ ...month, bytes: 310_000_000 }],
      left: 320_000_000,
    }
    const alone = nextWindow({ ...input, running: [] })
    const beside = nextWindow({
      ...input,
      running: [{ from: 31 * day, to: 47 * day - 1 }],
    })
    expect(length(beside)).toBeLessThan(length(alone))
    expect(length(beside)).toBe(Math.floor(160 * 0.8 * 8640))
  })

  it('never shrink to nothing', () => {
    const weighed = [{ from: 0, to: day - 1, bytes: 10 * plenty }]
    const window = nextWindow({
      from: day,
      cut: 400 * day,
      weighed,
      running: [],
      left: 1,
    })
    expect(length(window)).toBe(3600)
  })

  it('are written without milliseconds', () => {
    expect(isoSecond(toSecond('2026-11-21T05:00:03.987Z'))).toBe(
      '2026-11-21T05:00:03Z',
    )
  })
})

function length({ from, to }: Window): number {
  return to - from + 1
}
