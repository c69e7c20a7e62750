import type { Clock } from '../clock.js'
import { asError } from '../error.js'

/** What the identity endpoint answered. */
export interface Grant {
  readonly token: string
  /** Seconds; 0 in the last second of a token's life. */
  readonly expiresIn: number
}

export interface TokenOptions {
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
  /** One identity call, repeated as far as that helps. */
  ask(): Promise<Grant>
  /** Whether an error of `ask` would come again. */
  isHopeless(error: unknown): boolean
  /** Throws when tokens are refused over and over. */
  giveUp(): never
}

interface Token {
  readonly value: string
  /** Monotonic, so that a wrong or jumping wall clock does not matter. */
  readonly diesAt: number
}

const mostRefusals = 2
const second = 1000
/** Asks in one wait: a token at its end, its last second, and the new one. */
const mostAsks = 5

/**
 * One access token for all calls with one client id. Marketo hands the same
 * token out until it dies (Adobe docs, authentication), so a longer life can
 * only be had by waiting for the end of the old one.
 */
export class TokenStore {
  readonly #options: TokenOptions
  #current: Token | null = null
  #asking: Promise<Token> | null = null
  #refused: string | null = null
  #refusals = 0
  /** Life of a token that was certainly new, in milliseconds. */
  #wholeLife = Number.POSITIVE_INFINITY
  #lost: Error | null = null

  constructor(options: TokenOptions) {
    this.#options = options
  }

  /** A token with at least `life` milliseconds left, where that can be had. */
  async get(life: number): Promise<string> {
    let outlived: string | null = null
    for (let asks = 0; asks < mostAsks; asks += 1) {
      const token = this.#alive(life) ?? (await this.#ask())
      if (outlived !== null && outlived !== token.value) {
        this.#wholeLife = this.#left(token)
      }
      const isEnough = this.#left(token) >= this.#need(life)
      const isRefused = token.value === this.#refused
      if (isEnough && isRefused) return this.#secondChance(token)
      if (isEnough) return token.value
      outlived = token.value
      await this.#sleep(this.#left(token) + second)
    }
    return this.#options.giveUp()
  }

  /** Marketo refused this token with 601 or 602. */
  refuse(value: string): void {
    if (this.#current?.value !== value) return
    this.#current = null
    this.#refused = value
    this.#refusals += 1
  }

  /** Marketo took this token. */
  accept(value: string): void {
    if (this.#current?.value !== value) return
    this.#refused = null
    this.#refusals = 0
  }

  #alive(life: number): Token | null {
    const token = this.#current
    return token && this.#left(token) >= this.#need(life) ? token : null
  }

  /** No more than half of what tokens here ever live. */
  #need(life: number): number {
    return Math.max(second, Math.min(life, this.#wholeLife / 2))
  }

  #left(token: Token): number {
    return Math.max(0, token.diesAt - this.#options.clock.monotonic())
  }

  /**
   * Identity handed out the token that was just refused, and will do so for
   * long. After a pause it may be taken after all.
   */
  async #secondChance(token: Token): Promise<string> {
    await this.#sleep(5 * second)
    return token.value
  }

  #ask(): Promise<Token> {
    this.#asking ??= this.#request().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  async #request(): Promise<Token> {
    if (this.#lost !== null) throw this.#lost
    if (this.#refusals > mostRefusals) return this.#options.giveUp()
    const { clock } = this.#options
    const askedAt = clock.monotonic()
    const { token, expiresIn } = await this.#grant()
    const life = expiresIn * second
    // Tokens live longer than it seemed.
    if (life > this.#wholeLife) this.#wholeLife = life
    this.#current = { value: token, diesAt: askedAt + life }
    return this.#current
  }

  /** Wrong credentials stay wrong: nobody asks a second time. */
  async #grant(): Promise<Grant> {
    try {
      return await this.#options.ask()
    } catch (error) {
      if (this.#options.isHopeless(error)) this.#lost = asError(error)
      throw error
    }
  }

  #sleep(milliseconds: number): Promise<void> {
    const { clock, signal } = this.#options
    return clock.sleep(milliseconds, signal)
  }
}
