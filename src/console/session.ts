/** Who is logged in, in memory: a console that ends forgets everybody. */
import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../clock.js'
import { isSame } from './guard.js'
import type { Notice, Role, Visitor } from './page.js'

export interface Session extends Visitor {
  /** Carried by every form. */
  readonly token: string
  /** Said on the next page, once. */
  notice: Notice | null
  /** Of the clock's own time, in milliseconds. */
  seen: number
}

const idle = 30 * 60_000
/** So that a token that leaked cannot fill the memory. */
const most = 200

export class Sessions {
  readonly #clock: Pick<Clock, 'monotonic'>
  /** By the digest of the id, which is in the cookie only. */
  readonly #sessions = new Map<string, Session>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** Begins a session; the result is the cookie's value. */
  begin(visitor: Visitor): string {
    this.#sweep()
    const id = randomBytes(32).toString('base64url')
    this.#sessions.set(digest(id), {
      ...visitor,
      token: randomBytes(32).toString('base64url'),
      notice: null,
      seen: this.#clock.monotonic(),
    })
    return id
  }

  /** The session of a cookie, which counts as used now. */
  find(id: string | undefined): Session | null {
    if (id === undefined) return null
    const session = this.#sessions.get(digest(id))
    if (session === undefined) return null
    const now = this.#clock.monotonic()
    if (now - session.seen > idle) {
      this.#sessions.delete(digest(id))
      return null
    }
    session.seen = now
    return session
  }

  end(id: string): void {
    this.#sessions.delete(digest(id))
  }

  #sweep(): void {
    const now = this.#clock.monotonic()
    for (const [key, { seen }] of this.#sessions) {
      if (now - seen > idle) this.#sessions.delete(key)
    }
    const [oldest] = [...this.#sessions].toSorted(
      ([, a], [, b]) => a.seen - b.seen,
    )
    if (this.#sessions.size >= most && oldest) this.#sessions.delete(oldest[0])
  }
}

function digest(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}

export type Tokens = Readonly<Record<Role, string>>

/** The role that a token gives; both are always compared. */
export function roleOf(given: string, tokens: Tokens): Role | null {
  const isOperator = isSame(given, tokens.operator)
  const isViewer = isSame(given, tokens.viewer)
  if (isOperator) return 'operator'
  return isViewer ? 'viewer' : null
}

const window = 60_000
const tries = 10
/** Addresses remembered; more at once are refused together. */
const addresses = 1000

/** Failed logins by address: ten a minute. */
export class LoginLimit {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #failures = new Map<string, number[]>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** Seconds to wait; 0: may try. */
  wait(address: string): number {
    const since = this.#clock.monotonic() - window
    for (const [key, times] of this.#failures) {
      const left = times.filter((time) => time > since)
      if (left.length === 0) this.#failures.delete(key)
      else this.#failures.set(key, left)
    }
    const times = this.#failures.get(address) ?? []
    const isFull = times.length === 0 && this.#failures.size >= addresses
    const first = isFull ? since + window : times.at(-tries)
    if (first === undefined) return 0
    return Math.max(1, Math.ceil((first - since) / 1000))
  }

  failed(address: string): void {
    const times = this.#failures.get(address) ?? []
    const now = this.#clock.monotonic()
    this.#failures.set(address, [...times, now].slice(-tries))
  }
}
