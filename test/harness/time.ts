import type { Clock } from '../../src/clock.js'

/** Of one schedule; more is a loop without an end. */
const mostSteps = 30_000

/** Virtual: it stands still while anything works, and jumps while all wait. */
export class Time {
  /** Milliseconds since the schedule began. */
  now = 0
  /** At `now` 0, milliseconds since the epoch. */
  readonly epoch: number
  #made = 0
  #steps = 0
  readonly #heap: Timer[] = []

  constructor(epoch: number) {
    this.epoch = epoch
  }

  /** Runs later; never, if its process has died by then. */
  at(when: number, run: () => void, process: Process | null = null): Timer {
    this.#made += 1
    const timer = { when, order: this.#made, run, process, off: false }
    push(this.#heap, timer)
    return timer
  }

  /** Lets time pass until `done`; false where nothing will happen any more. */
  async until(done: () => boolean): Promise<boolean> {
    for (;;) {
      // All promises that can go on have gone on when this returns.
      await new Promise((resolve) => setImmediate(resolve))
      if (done()) return true
      if (this.#steps > mostSteps) return false
      if (!this.#step()) return false
      this.#steps += 1
    }
  }

  #step(): boolean {
    for (;;) {
      const timer = pop(this.#heap)
      if (timer === undefined) return false
      const { process } = timer
      if (timer.off || process?.alive === false) continue
      if (process !== null && process.asleepUntil > timer.when) {
        push(this.#heap, { ...timer, when: process.asleepUntil })
        continue
      }
      this.now = Math.max(this.now, timer.when)
      timer.run()
      return true
    }
  }
}

export interface Timer {
  readonly when: number
  readonly order: number
  readonly run: () => void
  readonly process: Process | null
  off: boolean
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.when === other.when
    ? one.order < other.order
    : one.when < other.when
}

function push(heap: Timer[], timer: Timer): void {
  let at = heap.length
  heap.push(timer)
  while (at > 0) {
    const up = (at - 1) >> 1
    const parent = heap[up]
    if (parent === undefined || isBefore(parent, timer)) break
    heap[at] = parent
    at = up
  }
  heap[at] = timer
}

function pop(heap: Timer[]): Timer | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (first === undefined || last === undefined || heap.length === 0) {
    return first
  }
  let at = 0
  for (;;) {
    let down = 2 * at + 1
    const [left, right] = [heap[down], heap[down + 1]]
    if (left === undefined) break
    let child = left
    if (right !== undefined && isBefore(right, left)) {
      child = right
      down += 1
    }
    if (isBefore(last, child)) break
    heap[at] = child
    at = down
  }
  heap[at] = last
  return first
}

/** Where a process may die or fall asleep, and after how many passings. */
export interface Mishap {
  readonly point: string
  /** From 1. */
  readonly nth: number
  readonly kind: 'crash' | 'sleep'
  /** Of a sleep, in milliseconds. */
  readonly length: number
}

/** One process of the product; when it dies, nothing of it moves any more. */
export class Process {
  alive = true
  asleepUntil = 0
  diedAt = Number.POSITIVE_INFINITY
  slept = 0
  /** Where it died or fell asleep. */
  struckAt: string | null = null
  readonly number: number
  readonly clock: Clock
  readonly #time: Time
  readonly #mishap: Mishap | null
  readonly #passed: (point: string) => void
  #left: number

  constructor(
    time: Time,
    options: {
      readonly number: number
      /** By which its wall clock is wrong, in milliseconds. */
      readonly skew: number
      readonly mishap: Mishap | null
      /** Told of every point that it passes while it lives. */
      readonly passed: (point: string) => void
    },
  ) {
    this.#time = time
    this.number = options.number
    this.#mishap = options.mishap
    this.#passed = options.passed
    this.#left = options.mishap?.nth ?? 0
    const started = time.now
    this.clock = {
      now: () => time.epoch + time.now + options.skew,
      // As on Linux, it stands still while the machine sleeps.
      monotonic: () => time.now - started - this.slept,
      sleep: (milliseconds, signal) => this.#sleep(milliseconds, signal),
    }
  }

  /** Says where the process is; it may not go on from there. */
  pass(point: string): void {
    if (this.alive) this.#passed(point)
    const mishap = this.#mishap
    if (mishap === null || this.struckAt !== null) return
    if (point !== mishap.point || !this.alive) return
    this.#left -= 1
    if (this.#left > 0) return
    this.struckAt = point
    if (mishap.kind === 'crash') {
      this.alive = false
      this.diedAt = this.#time.now
    } else {
      this.asleepUntil = this.#time.now + mishap.length
      this.slept += mishap.length
    }
  }

  /** The same within the process, which stops or waits there. */
  async through(point: string): Promise<void> {
    this.pass(point)
    if (!this.alive) await new Promise<never>(() => {})
    if (this.asleepUntil > this.#time.now) {
      await new Promise<void>((resolve) => {
        this.#time.at(this.asleepUntil, resolve, this)
      })
    }
  }

  #sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.alive) return
      if (signal?.aborted === true) {
        reject(signal.reason)
        return
      }
      // No timer of a machine is shorter.
      const length = Math.max(1, milliseconds)
      const timer = this.#time.at(
        this.#time.now + length,
        () => {
          signal?.removeEventListener('abort', abort)
          resolve()
        },
        this,
      )
      const abort = () => {
        timer.off = true
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', abort, { once: true })
      const point = length >= 30_000 ? 'wait.long' : 'wait.short'
      const middle = () => {
        if (!timer.off) this.pass(point)
      }
      this.#time.at(this.#time.now + length / 2, middle, this)
    })
  }
}
