import type { Clock } from '../clock.js'
import { Line } from './line.js'
import type { Outage } from './outage.js'

/** Marketo's window in milliseconds (Adobe docs, limits). */
export const rateWindow = 20_000
/** With 1 % for clocks that do not run at exactly the same speed. */
export const heldWindow = 20_200
/** How long concurrency stays halved after a 615. */
const narrowFor = 60_000

export interface BudgetOptions {
  readonly callsPer20s: number
  readonly concurrency: number
  readonly clock: Clock
  readonly outage: Outage
  /** Calls of earlier processes that may be in Marketo's window still. */
  readonly recentCalls?: number | undefined
}

/** The right to make one call, until given back. */
export interface Ticket {
  /** Monotonic time at which the call was let go. */
  readonly startedAt: number
  /** Marketo has certainly counted the call by now. */
  arrived(): void
  /** The call is over. */
  done(): void
  /** The call was never sent, so it takes no place in the window. */
  unsent(): void
}

/**
 * Calls per 20 s and at one time, over all users of a client, in the order in
 * which they ask. Marketo dates a call somewhere between our sending and its
 * answer; so a place in the window is taken before sending and comes free 20 s
 * after the answer. Whatever the network delays or bunches, no 20 s at Marketo
 * can then hold more calls than the limit.
 */
export class Budget {
  readonly #options: BudgetOptions
  readonly #line = new Line(() => this.#admit())
  readonly #writers = new Line(() => this.#admitWriter())
  /** Monotonic times at which places in the window come free, ascending. */
  readonly #freeAt: number[] = []
  #unanswered = 0
  #running = 0
  #isWriting = false
  #heldUntil = Number.NEGATIVE_INFINITY
  #width: number
  #narrowedAt = Number.NEGATIVE_INFINITY
  #wake: AbortController | null = null

  constructor(options: BudgetOptions) {
    this.#options = options
    this.#width = options.concurrency
    const freeAt = this.#now() + heldWindow
    for (let call = 0; call < (options.recentCalls ?? 0); call += 1) {
      this.#freeAt.push(freeAt)
    }
  }

  /** Writes go one at a time and do not hold up the reads behind them. */
  async acquire(lane: 'read' | 'write', signal?: AbortSignal): Promise<Ticket> {
    if (lane === 'write') await this.#writers.enter(signal)
    try {
      const turn = this.#line.enter(signal)
      this.#watch()
      await turn
    } catch (error) {
      if (lane === 'write') this.#leaveWriter()
      throw error
    }
    return this.#ticket(lane)
  }

  /** After a 606: a full window passes before anyone calls again. */
  hold(): void {
    this.#heldUntil = this.#now() + heldWindow
  }

  /** After a 615: half of the concurrency for a while. */
  narrow(ticket: Ticket): void {
    // Calls refused together halve it once.
    if (ticket.startedAt < this.#narrowedAt) return
    this.#narrowedAt = this.#now()
    this.#width = Math.max(1, Math.floor(this.#width / 2))
  }

  /** To be called when a hold may have ended early. */
  move(): void {
    this.#line.move()
    this.#watch()
  }

  #now(): number {
    return this.#options.clock.monotonic()
  }

  #ticket(lane: 'read' | 'write'): Ticket {
    let state: 'sent' | 'arrived' | 'over' = 'sent'
    const arrive = (frees: boolean) => {
      if (state !== 'sent') return
      state = 'arrived'
      this.#unanswered -= 1
      if (frees) this.#freeAt.push(this.#now() + heldWindow)
    }
    const end = (counts: boolean) => {
      if (state === 'over') return
      arrive(counts)
      state = 'over'
      this.#running -= 1
      if (lane === 'write') this.#leaveWriter()
      this.move()
    }
    return {
      startedAt: this.#now(),
      arrived: () => arrive(true),
      done: () => end(true),
      unsent: () => end(false),
    }
  }

  #admit(): boolean {
    const now = this.#now()
    this.#widen(now)
    while ((this.#freeAt[0] ?? now + 1) <= now) this.#freeAt.shift()
    const { callsPer20s, outage } = this.#options
    const width = outage.isSuspected ? 1 : this.#width
    if (this.#running >= width || now < this.#opensAt()) return false
    if (this.#unanswered + this.#freeAt.length >= callsPer20s) return false
    this.#running += 1
    this.#unanswered += 1
    return true
  }

  #opensAt(): number {
    return Math.max(this.#heldUntil, this.#options.outage.heldUntil)
  }

  /** Concurrency comes back by doubling, as it went. */
  #widen(now: number): void {
    const { concurrency } = this.#options
    if (this.#width >= concurrency || now < this.#narrowedAt + narrowFor) return
    this.#width = Math.min(concurrency, this.#width * 2)
    this.#narrowedAt = now
  }

  #admitWriter(): boolean {
    if (this.#isWriting) return false
    this.#isWriting = true
    return true
  }

  #leaveWriter(): void {
    this.#isWriting = false
    this.#writers.move()
  }

  /** Wakes the line when time alone opens it; the end of a call does else. */
  #watch(): void {
    this.#wake?.abort()
    this.#wake = null
    // One look at the clock decides: what opens after it gets an alarm, what
    // was open by then is let in now.
    while (this.#line.length > 0) {
      const wait = this.#blockedUntil() - this.#now()
      if (wait > 0) return this.#alarm(wait)
      if (!this.#line.move()) return
    }
  }

  #alarm(wait: number): void {
    const wake = new AbortController()
    this.#wake = wake
    this.#options.clock.sleep(wait, wake.signal).then(
      () => this.move(),
      () => {
        // Replaced by a newer alarm.
      },
    )
  }

  #blockedUntil(): number {
    const full = this.#unanswered + this.#freeAt.length
    const isFull = full >= this.#options.callsPer20s
    const free = isFull ? this.#freeAt[0] : undefined
    return Math.max(this.#opensAt(), free ?? Number.NEGATIVE_INFINITY)
  }
}
