import { centralDay } from './central-time.js'
import type { Limits } from './option.js'
import type { Others } from './others.js'
import { Peaks } from './peak.js'
import type { World } from './world.js'

const window = 20_000

/** Codes whose calls do not count toward the daily limit (KCS 28813). */
const uncounted = new Set(['600', '601', '602', '604', '605', '608', '611'])

export function isCounted(code: string | null): boolean {
  return code === null || !uncounted.has(code)
}

export interface Refusal {
  readonly code: '606' | '607' | '615'
  readonly message: string
}

/** The subscription's shared limits on calls. */
export class LimitDesk {
  readonly #limits: Limits
  readonly #world: World
  readonly #recent: number[] = []
  readonly peaks = new Peaks()
  readonly #others: Others
  #open = 0

  constructor(limits: Limits, world: World, others: Others) {
    this.#limits = limits
    this.#world = world
    this.#others = others
  }

  get open(): number {
    return this.#open
  }

  enter(): void {
    this.#open += 1
  }

  leave(): void {
    this.#open -= 1
  }

  /**
   * Notes a call and tells whether a limit refuses it. A refused call stays
   * in the window, so calling on prolongs the refusal.
   */
  refusal(now: number): Refusal | null {
    while ((this.#recent[0] ?? now) <= now - window) this.#recent.shift()
    this.#recent.push(now)
    const { callsPerDay, concurrency, callsPer20s, noise } = this.#limits
    const others = this.#others.level(now)
    const open =
      this.#open + Math.floor(noise * concurrency) + (others.concurrency ?? 0)
    const recent =
      this.#recent.length +
      Math.floor(noise * callsPer20s) +
      (others.callsPer20s ?? 0)
    this.peaks.note('concurrency', open, now)
    this.peaks.note('callsPer20s', recent, now)
    if (this.callsToday(now) >= callsPerDay) {
      this.peaks.refuse('callsPerDay')
      return { code: '607', message: 'Daily quota reached' }
    }
    if (open > concurrency) {
      this.peaks.refuse('concurrency')
      const message = `Concurrent access limit '${concurrency}' reached`
      return { code: '615', message }
    }
    if (recent > callsPer20s) {
      this.peaks.refuse('callsPer20s')
      const message = `Max rate limit '${callsPer20s}' exceeded with in '20' secs`
      return { code: '606', message }
    }
    return null
  }

  callsToday(now: number): number {
    const day = centralDay(now)
    const users = this.#world.usage.get(day)?.users ?? {}
    const own = Object.values(users).reduce((sum, count) => sum + count, 0)
    return own + this.otherCalls(day, now)
  }

  /** Calls that other integrations made on a Central day. */
  otherCalls(day: string, now: number): number {
    const { noise, callsPerDay } = this.#limits
    return Math.floor(noise * callsPerDay) + this.#others.calls(day, now)
  }

  /** Bytes a day that others export. */
  otherBytes(): number {
    return this.#limits.noise * this.#limits.exportBytesPerDay
  }

  /** Bytes of the export files that were finished today. */
  exportBytesToday(now: number): number {
    const day = centralDay(now)
    let bytes = this.otherBytes()
    for (const job of this.#world.jobs.values()) {
      const { endsAt, cancelledAt } = job
      if (endsAt === null || endsAt > now || job.failed) continue
      if (cancelledAt !== null && cancelledAt < endsAt) continue
      if (centralDay(endsAt) === day) bytes += job.bytes
    }
    return bytes
  }
}
