import { expect, it } from 'vitest'
import { type Measure, secondsOf } from '../../src/extract/window.js'
import { nextWindow } from '../../src/extract/window-plan.js'
import { Random } from '../../src/sandbox/random.js'
import { VirtualBase } from '../../src/sandbox/virtual-base.js'

const limit = 400_000_000
const perLead = 148
const places = 4

interface Export extends Measure {
  readonly endsAt: number
}

interface Day {
  readonly used: number
  readonly isLast: boolean
}

/** Days of a first export, with imports that nobody foresees. */
function days(count: number, seed: number): Day[] {
  const to = Date.UTC(2026, 10, 9)
  const base = new VirtualBase({ count, seed, from: Date.UTC(2016, 0, 1), to })
  const random = new Random(seed + 7)
  const cut = Math.floor(to / 1000)
  const weighed: Measure[] = []
  const running: Export[] = []
  const found: Day[] = []
  let from = Date.UTC(2016, 0, 1) / 1000
  let [used, now] = [0, 0]
  while (from <= cut || running.length > 0) {
    const window =
      running.length < places && from <= cut
        ? nextWindow({
            from,
            cut,
            weighed,
            earlier: [],
            running,
            limit,
            left: limit - used,
          })
        : null
    if (window !== null) {
      const rows =
        base.firstSince(window.to * 1000 + 1000) -
        base.firstSince(window.from * 1000)
      const bytes = Math.round(rows * perLead * (0.97 + 0.06 * random.next()))
      const endsAt = now + 30 + random.next() * 200 + rows / 5000
      running.push({ ...window, rows, bytes, endsAt })
      from = window.to + 1
      continue
    }
    running.sort((a, b) => a.endsAt - b.endsAt)
    const done = running.shift()
    if (done === undefined) {
      found.push({ used, isLast: false })
      used = 0
      continue
    }
    now = done.endsAt
    used += done.bytes
    weighed.push(done)
  }
  expect(weighed.reduce((sum, { rows }) => sum + rows, 0)).toBe(count)
  expect(Math.max(...weighed.map(secondsOf))).toBe(31 * 86_400)
  return [...found, { used, isLast: true }]
}

it.each([3e6, 10e6, 20e6])(
  'a first export of %d leads overruns no day, and wastes little of any',
  (count) => {
    for (let seed = 1; seed <= 8; seed += 1) {
      for (const { used, isLast } of days(count, seed)) {
        expect(used).toBeLessThanOrEqual(limit)
        if (!isLast) expect(used).toBeGreaterThan(0.75 * limit)
      }
    }
  },
)
