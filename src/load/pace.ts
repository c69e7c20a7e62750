import { type Job, wait } from './job.js'

const hour = 3_600_000

/**
 * Lets CRM-linked leads go at an even pace, so that the CRM sync can follow.
 * The wait comes before the leads are sent: however often a run is stopped
 * and started again, no hour has more of them than it may.
 */
export class Pace {
  readonly perHour: number | null
  /** Monotonic time up to which the pace is used up. */
  #usedUntil: number | null = null

  constructor(perHour: number | null) {
    this.perHour = perHour
  }

  async take(job: Job, records: number): Promise<void> {
    if (this.perHour === null || records === 0) return
    const now = job.marketo.clock.monotonic()
    const until = (this.#usedUntil ?? now) + (records * hour) / this.perHour
    // Time in which nothing was sent is not saved up for a burst.
    this.#usedUntil = Math.max(until, now)
    if (until <= now) return
    const seconds = Math.round((until - now) / 1000)
    job.emit({ type: 'pace', records, seconds })
    await wait(job, until - now)
  }
}
