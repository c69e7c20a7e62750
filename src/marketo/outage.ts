import type { Clock } from '../clock.js'

const longestHold = 60_000

/**
 * A circuit breaker for all callers of one Marketo. While it does not answer,
 * one call at a time probes it, ever more rarely, whoever made the call.
 */
export class Outage {
  readonly #clock: Clock
  readonly #random: () => number
  #rounds = 0
  #heldSince = Number.NEGATIVE_INFINITY
  #heldUntil = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  /** No call may start before this monotonic time. */
  get heldUntil(): number {
    return this.#heldUntil
  }

  get isSuspected(): boolean {
    return this.#rounds > 0
  }

  /** A call that started at `startedAt`, monotonic, got no usable answer. */
  failed(startedAt: number): void {
    // Calls that were under way together say one thing, not many.
    if (startedAt < this.#heldSince) return
    const doubled = Math.min(1000 * 2 ** this.#rounds, longestHold)
    this.#rounds = Math.min(this.#rounds + 1, 10)
    this.#heldSince = this.#clock.monotonic()
    this.#heldUntil = this.#heldSince + doubled * (0.5 + this.#random() / 2)
  }

  answered(): void {
    this.#rounds = 0
    this.#heldUntil = Number.NEGATIVE_INFINITY
  }
}
