import type { Clock } from '../clock.js'
import { Budget, type Ticket } from './budget.js'
import { isCounted, type Signal, type Verdict } from './classify.js'
import { type Endpoint, endpoints, tokenLife } from './endpoint.js'
import { MarketoError } from './error.js'
import { Outage } from './outage.js'
import type { Problem } from './problem.js'
import { type Charge, Quota, type QuotaOptions } from './quota.js'
import { type Grant, TokenStore } from './token.js'

export interface GateOptions {
  readonly callsPer20s: number
  readonly concurrency: number
  /** Calls of earlier processes that may be in Marketo's window still. */
  readonly recentCalls?: number | undefined
  readonly quota: QuotaOptions
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal | undefined
  /** Asks Marketo for a token. */
  ask(): Promise<Grant>
  /** Asks Marketo for the calls of the whole subscription today. */
  readUsage(): Promise<number | null>
  error(problem: Problem, endpoint: Endpoint, said?: string): MarketoError
}

/** What a call holds from before it is sent until it is over. */
export interface Admission {
  readonly ticket: Ticket
  readonly charge: Charge
  readonly token: string
}

/** Why a call did not succeed. */
export interface Bad {
  readonly signal: Signal
  readonly verdict: Verdict
}

/** Worth stopping for when reading the usage; anything else is not. */
const stopping: ReadonlySet<Problem> = new Set([
  'credentials',
  'token',
  'certificate',
  'unreachable',
  'unavailable',
  'daily_quota',
  'stopped',
])

/** All that a call must pass before it is sent, and what it leaves behind. */
export class Gate {
  readonly #options: GateOptions
  readonly #outage: Outage
  readonly #budget: Budget
  readonly #tokens: TokenStore
  readonly quota: Quota
  #reading: Promise<void> | null = null

  constructor(options: GateOptions) {
    const { clock, random, signal } = options
    this.#options = options
    this.#outage = new Outage(clock, random)
    this.#budget = new Budget({ ...options, outage: this.#outage })
    this.quota = new Quota(options.quota)
    this.#tokens = new TokenStore({
      clock,
      signal,
      ask: () => options.ask(),
      isHopeless: (error) => isProblem(error, 'credentials'),
      giveUp: () => {
        throw options.error('token', endpoints.identity)
      },
    })
  }

  /** Throws a MarketoError that says that nothing was sent. */
  async admit(endpoint: Endpoint): Promise<Admission> {
    const { signal } = this.#options
    try {
      // Waiting for a token may take minutes, and so holds no place. It also
      // tells Marketo's time, on which the day's budget rests.
      await this.#tokens.get(tokenLife(endpoint))
      this.#checkDay(endpoint)
      if (endpoint !== endpoints.usage) await this.#freshUsage()
    } catch (error) {
      throw notSent(error)
    }
    const isWrite = endpoint.effect === 'merge' || endpoint.effect === 'update'
    const lane = isWrite ? 'write' : 'read'
    const ticket = await this.#budget.acquire(lane, signal)
    try {
      const token = await this.#tokens.get(tokenLife(endpoint))
      signal?.throwIfAborted()
      this.#checkDay(endpoint)
      return { ticket, token, charge: this.quota.charge() }
    } catch (error) {
      ticket.unsent()
      throw notSent(error)
    }
  }

  /** Marketo's answer has begun; a stream goes on until it is left. */
  answered({ ticket, token }: Admission): void {
    ticket.arrived()
    this.#tokens.accept(token)
    this.#outage.answered()
  }

  /** The call is over and went well. */
  close({ ticket }: Admission): void {
    ticket.done()
  }

  /** The call is not made after all. */
  leave({ ticket, charge }: Admission): void {
    charge.refund()
    ticket.unsent()
  }

  /** The call is over and did not succeed. */
  fail(admission: Admission, bad: Bad): void {
    const { ticket, charge } = admission
    this.#learn(admission, bad)
    if (!isCounted(bad.signal)) charge.refund()
    if (bad.verdict.outcome === 'not_sent') ticket.unsent()
    else ticket.done()
  }

  #learn({ ticket, token }: Admission, { verdict }: Bad): void {
    const { problem } = verdict
    if (problem === 'stopped') return
    const isDown = problem === 'unreachable' || problem === 'unavailable'
    if (isDown) this.#outage.failed(ticket.startedAt)
    else this.#outage.answered()
    if (problem === 'token') this.#tokens.refuse(token)
    if (problem === 'rate_limit') this.#budget.hold()
    if (problem === 'concurrency_limit') this.#budget.narrow(ticket)
    if (problem === 'daily_quota') this.quota.usedUp()
  }

  #checkDay(endpoint: Endpoint): void {
    const { obstacle, today, budget } = this.quota
    if (obstacle === null) return
    const said = `${today} of ${budget} calls made today`
    throw this.#options.error(
      obstacle,
      endpoint,
      obstacle === 'budget' ? said : undefined,
    )
  }

  async #freshUsage(): Promise<void> {
    if (!this.quota.needsReading) return
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null
    })
    await this.#reading
  }

  async #read(): Promise<void> {
    try {
      this.quota.read(await this.#options.readUsage())
    } catch (error) {
      const isKnown = error instanceof MarketoError
      if (!isKnown || stopping.has(error.problem)) throw error
      this.quota.read(null)
    }
  }
}

function isProblem(error: unknown, problem: Problem): boolean {
  return error instanceof MarketoError && error.problem === problem
}

/** Whatever went wrong before a call was sent, the call itself was not. */
function notSent(error: unknown): unknown {
  if (!(error instanceof MarketoError)) return error
  if (error.problem === 'credentials' || error.problem === 'token') return error
  return error.with({ outcome: 'not_sent' })
}
