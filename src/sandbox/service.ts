import type { Clock } from '../clock.js'
import type { Change } from './change.js'
import type { Exchange } from './exchange.js'
import type { FaultDesk } from './fault-desk.js'
import type { LimitDesk } from './limit.js'
import type { Behaviour, Limits, Timing } from './option.js'
import type { Others } from './others.js'
import type { Random } from './random.js'
import type { Shelf } from './shelf.js'
import type { StateFile } from './state.js'
import type { TokenDesk } from './token.js'
import type { World } from './world.js'

interface Parts {
  readonly world: World
  readonly clock: Clock
  /** Added to the clock so that time continues where a state file ended. */
  readonly offset: number
  readonly seed: number
  readonly random: Random
  readonly limits: Limits
  readonly behaviour: Behaviour
  readonly timing: Timing
  readonly tokens: TokenDesk
  readonly limitDesk: LimitDesk
  readonly faults: FaultDesk
  readonly others: Others
  readonly shelf: Shelf
  readonly state: StateFile | null
  /** Aborted when the sandbox closes; ends every wait. */
  readonly signal: AbortSignal
  readonly skew: number
  readonly onExchange: ((exchange: Exchange) => void) | null
}

/** The running subscription: the world and everything around it. */
export class Service {
  readonly world: World
  readonly seed: number
  readonly random: Random
  readonly limits: Limits
  readonly behaviour: Behaviour
  readonly timing: Timing
  readonly tokens: TokenDesk
  readonly limitDesk: LimitDesk
  readonly faults: FaultDesk
  readonly others: Others
  readonly shelf: Shelf
  readonly signal: AbortSignal
  readonly onExchange: ((exchange: Exchange) => void) | null
  /** Milliseconds by which the server's clock is wrong. */
  skew: number
  readonly #clock: Clock
  readonly #offset: number
  readonly #state: StateFile | null
  #requests = 0
  #writes = 0

  constructor(parts: Parts) {
    this.world = parts.world
    this.seed = parts.seed
    this.random = parts.random
    this.limits = parts.limits
    this.behaviour = parts.behaviour
    this.timing = parts.timing
    this.tokens = parts.tokens
    this.limitDesk = parts.limitDesk
    this.faults = parts.faults
    this.others = parts.others
    this.onExchange = parts.onExchange
    this.skew = parts.skew
    this.shelf = parts.shelf
    this.signal = parts.signal
    this.#clock = parts.clock
    this.#offset = parts.offset
    this.#state = parts.state
    this.#writes = parts.world.lastWrite
  }

  /** Whole virtual milliseconds since the epoch. */
  now(): number {
    return Math.floor(this.#clock.now() + this.#offset + this.skew)
  }

  sleep(milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return Promise.resolve()
    return this.#clock.sleep(milliseconds, this.signal)
  }

  /** Other limits or ways of behaving from now on. */
  adjust(limits: Partial<Limits>, behaviour: Partial<Behaviour>): void {
    Object.assign(this.limits, limits)
    Object.assign(this.behaviour, behaviour)
  }

  /** Does something after a while; not when the sandbox closes before. */
  later(milliseconds: number, action: () => void | Promise<void>): void {
    this.sleep(milliseconds)
      .then(action)
      .catch(() => {
        // Closed, or refused by then: no effect, and nobody to tell.
      })
  }

  /** Remembers changes on disk first, then makes them. */
  commit(changes: readonly Change[]): void {
    if (this.signal.aborted) return
    this.#state?.append(changes)
    for (const change of changes) this.world.apply(change)
  }

  /**
   * The time to put on an answer; remembered to the second, so that it does
   * not run backwards after a restart.
   */
  stamp(): number {
    const at = this.now()
    if (at - this.world.latest >= 1000) this.commit([{ kind: 'time', at }])
    return at
  }

  nextWrite(): number {
    this.#writes += 1
    return this.#writes
  }

  /** `f435#190000000aa`: hex digits, `#`, epoch milliseconds in hex. */
  requestId(): string {
    this.#requests = (this.#requests + 1) % 0xffff
    const digits = (0x1000 + this.#requests).toString(16)
    return `${digits}#${this.now().toString(16)}`
  }
}
