import { quotaDay, quotaReset, type Reading } from './day.js'

/** Calls after which Marketo's own count is read again. */
const readAgainAfter = 250

export interface QuotaOptions {
  readonly callsPerDay: number
  /** Calls of the whole subscription a day; Marketo does not tell. */
  readonly subscriptionCalls: number
  /** Share of what others leave that this client may take, 0 to 1. */
  readonly share: number
  /** Own calls since the day began, made before this client started. */
  readonly initialCalls: number
  /** Marketo's time. */
  readonly now: () => number
}

/** A counted call; given back, once, when Marketo does not count it. */
export interface Charge {
  refund(): void
}

class Day {
  readonly #reading: Reading
  #name: string | null = null
  count = 0

  constructor(reading: Reading, count: number) {
    this.#reading = reading
    this.count = count
  }

  /** Counts a call, and gives it back on the same day only. */
  add(): () => void {
    const name = this.#name
    this.count += 1
    return () => {
      if (this.#name === name && this.count > 0) this.count -= 1
    }
  }

  /** Begins again when the day has changed; says whether it has. */
  turn(time: number): boolean {
    const name = quotaDay(time, this.#reading)
    const isNew = this.#name !== null && this.#name !== name
    if (isNew) this.count = 0
    this.#name = name
    return isNew
  }
}

/**
 * The daily budget of calls. The day is kept under both readings of "midnight
 * Central", and the fuller one counts, so neither is ever overrun.
 */
export class Quota {
  readonly #options: QuotaOptions
  readonly #days: readonly Day[]
  #calls = 0
  /** Calls of others today, when last read; null: not yet today. */
  #others: number | null = null
  #sinceReading = 0
  #usedUpUntil = Number.NEGATIVE_INFINITY

  constructor(options: QuotaOptions) {
    this.#options = options
    const { initialCalls } = options
    this.#days = [
      new Day('civil', initialCalls),
      new Day('standard', initialCalls),
    ]
  }

  /** Calls counted since this client started. */
  get calls(): number {
    return this.#calls
  }

  /** Own calls today, with those of earlier runs. */
  get today(): number {
    this.#turn()
    return Math.max(...this.#days.map(({ count }) => count))
  }

  /** Own calls that today may have. */
  get budget(): number {
    const { callsPerDay, subscriptionCalls, share } = this.#options
    this.#turn()
    if (this.#others === null) return callsPerDay
    const left = Math.max(0, subscriptionCalls - this.#others)
    return Math.min(callsPerDay, Math.floor(left * share))
  }

  /** Milliseconds since the epoch, by Marketo's time. */
  get resetsAt(): number {
    return quotaReset(this.#options.now())
  }

  /** What stands in the way of another call, or null. */
  get obstacle(): 'budget' | 'daily_quota' | null {
    if (this.#options.now() < this.#usedUpUntil) return 'daily_quota'
    return this.today >= this.budget ? 'budget' : null
  }

  get needsReading(): boolean {
    this.#turn()
    return this.#others === null || this.#sinceReading >= readAgainAfter
  }

  charge(): Charge {
    this.#turn()
    this.#calls += 1
    this.#sinceReading += 1
    const undo = this.#days.map((day) => day.add())
    return {
      refund: () => {
        this.#calls -= 1
        this.#sinceReading -= 1
        for (const giveBack of undo) giveBack()
      },
    }
  }

  /** Takes Marketo's count for the whole subscription; null: not known. */
  read(total: number | null): void {
    this.#turn()
    this.#sinceReading = 0
    this.#others = Math.max(0, (total ?? 0) - this.today)
  }

  /** After a 607: nobody calls before the reset. */
  usedUp(): void {
    this.#usedUpUntil = this.resetsAt
  }

  #turn(): void {
    const now = this.#options.now()
    for (const day of this.#days) if (day.turn(now)) this.#others = null
  }
}
