import type { Clock } from '../../src/clock.js'
import { eventCount, isWorking, openExchanges, watchWork } from './held.js'

interface Sleeper {
  readonly at: number
  readonly isServer: boolean
  wake(): void
}

/** Turns of the event loop without any event after which all only wait. */
const calmTurns = 6
/** The same while a call is open that the server may be holding. */
const calmTurnsOpen = 40
/** Pauses without any event after which an open call is nobody's work. */
const longestHold = 300

/**
 * A clock for client and server in one process: as long as anything works it
 * runs as the machine's, and where everything waits it jumps to the end of
 * the first wait. So days pass in minutes, and work still takes its time.
 */
export class JumpClock implements Clock {
  readonly #epoch: number
  readonly #isStill: boolean
  readonly #started = performance.now()
  readonly #sleepers = new Set<Sleeper>()
  #skipped = 0
  #touched = 0
  #isWatching = false

  /** @param isStill whether work takes no time, so that runs are alike */
  constructor(epoch: number, isStill = false) {
    this.#epoch = epoch
    this.#isStill = isStill
    watchWork()
  }

  now(): number {
    return this.#epoch + this.monotonic()
  }

  monotonic(): number {
    this.#touched += 1
    return this.#elapsed()
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return this.#sleep(milliseconds, false, signal)
  }

  /** The same time for the server, whose waits may hold an open call. */
  forServer(): Clock {
    return {
      now: () => this.now(),
      monotonic: () => this.monotonic(),
      sleep: (milliseconds, signal) => this.#sleep(milliseconds, true, signal),
    }
  }

  /** What it waits for, for a soak that hangs. */
  describe(): string {
    const names = process.getActiveResourcesInfo().join(' ')
    return `${this.#sleepers.size} sleepers, ${openExchanges()} open calls, ${isWorking() ? 'working' : 'not working'}; ${names}`
  }

  #elapsed(): number {
    const worked = this.#isStill ? 0 : performance.now() - this.#started
    return worked + this.#skipped
  }

  #sleep(
    milliseconds: number,
    isServer: boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    signal?.throwIfAborted()
    this.#touched += 1
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#sleepers.delete(sleeper)
        signal?.removeEventListener('abort', abort)
      }
      const abort = () => {
        end()
        reject(signal?.reason)
      }
      const sleeper: Sleeper = {
        at: this.#elapsed() + Math.max(0, milliseconds),
        isServer,
        wake: () => {
          end()
          resolve()
        },
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#sleepers.add(sleeper)
      if (!this.#isWatching) void this.#watch()
    })
  }

  async #watch(): Promise<void> {
    this.#isWatching = true
    while (this.#sleepers.size > 0) {
      await this.#calm()
      // All of them may have been given up meanwhile.
      if (this.#sleepers.size === 0) break
      this.#skipped += Math.max(0, this.#firstAt() - this.#elapsed())
      this.#wakeDue()
      await turn()
    }
    this.#isWatching = false
  }

  #firstAt(): number {
    let first = Number.POSITIVE_INFINITY
    for (const { at } of this.#sleepers) first = Math.min(first, at)
    return first
  }

  #wakeDue(): void {
    const now = this.#elapsed()
    const due = [...this.#sleepers].filter(({ at }) => at <= now)
    for (const each of due.toSorted((a, b) => a.at - b.at)) each.wake()
  }

  /** Returns when everything waits, or a wait has ended by itself. */
  async #calm(): Promise<void> {
    let seen = -1
    let held = 0
    for (let calm = 0; calm < this.#turnsNeeded(); ) {
      if (this.#firstAt() <= this.#elapsed()) return
      const now = this.#touched + eventCount()
      if (now !== seen) [calm, held, seen] = [0, 0, now]
      if (isWorking() || (this.#isCallHeld() && held < longestHold)) {
        held += 1
        calm = 0
        await pause()
      } else {
        calm += 1
        await turn()
      }
    }
  }

  #turnsNeeded(): number {
    return openExchanges() > 0 ? calmTurnsOpen : calmTurns
  }

  /** An answer that is on its way; a server that waits itself holds none. */
  #isCallHeld(): boolean {
    const isHeldByServer = [...this.#sleepers].some(({ isServer }) => isServer)
    return openExchanges() > 0 && !isHeldByServer
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1))
}
