import type { Clock } from '../../src/clock.js'

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  #now: number
  readonly #start: number
  #sleepers: Sleeper[] = []

  constructor(start: string) {
    this.#now = Date.parse(start)
    this.#start = this.#now
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now - this.#start
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason))
      this.#sleepers.push({ at: this.#now + milliseconds, wake: resolve })
    })
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds
    const due = this.#sleepers.filter(({ at }) => at <= this.#now)
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now)
    for (const { wake } of due) wake()
  }

  set(time: string): void {
    this.advance(Date.parse(time) - this.#now)
  }
}
