import type { Clock } from '../clock.js'

/** A jump of this size is taken over at once instead of being smoothed. */
const jump = 300_000
const weight = 0.2

/** Marketo's time, learnt from the `Date` headers of its answers. */
export class ServerClock {
  readonly #clock: Clock
  #offset: number | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds since the epoch; our own clock before the first answer. */
  now(): number {
    return this.#clock.now() + (this.#offset ?? 0)
  }

  /** `sentAt` and now enclose the moment that the header names. */
  note(header: string | undefined, sentAt: number): void {
    const second = Date.parse(header ?? '')
    if (Number.isNaN(second)) return
    // The header cuts the fraction of its second off: half of one on average.
    const sample = second + 500 - (sentAt + this.#clock.now()) / 2
    const offset = this.#offset
    const isFar = offset === null || Math.abs(sample - offset) > jump
    this.#offset = isFar ? sample : offset + weight * (sample - offset)
  }
}
