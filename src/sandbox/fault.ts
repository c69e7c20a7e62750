import type { Dirt } from './dirt.js'
import { isRecord, textOf } from './json.js'
import type { Random } from './random.js'

/** Which calls a fault hits; left out: all. */
export interface FaultMatch {
  /** Regular expression on `METHOD /path`, without the query. */
  readonly endpoint?: string
  /** Only the nth matching call, counted from 1. */
  readonly nth?: number
  /** Only after this many matching calls. */
  readonly after?: number
  /** At most this many times. */
  readonly count?: number
  /** Each matching call with this probability, 0 to 1. */
  readonly probability?: number
}

/** What goes wrong. Seconds are virtual. */
export type FaultKind =
  /** Marketo's error instead of the answer; nothing is executed. */
  | { readonly kind: 'error'; readonly code: string; readonly message?: string }
  /** A gateway's HTML page with this status; nothing is executed. */
  | { readonly kind: 'http'; readonly status: number }
  /** The connection is reset, the call not executed. */
  | { readonly kind: 'reset-before' }
  /** The call is executed, then the connection is reset. */
  | { readonly kind: 'reset-after' }
  /** The call is executed, then answered by an error or HTML page. */
  | { readonly kind: 'error-after'; readonly code: string }
  | { readonly kind: 'http-after'; readonly status: number }
  /** Answered at once by 604 or a reset; executed `seconds` later. */
  | {
      readonly kind: 'late'
      readonly seconds: number
      readonly answer: '604' | 'reset'
    }
  /** Nothing answers for `seconds`, then the call goes on. */
  | { readonly kind: 'slow'; readonly seconds: number }
  | { readonly kind: 'truncated-json' }
  | { readonly kind: 'empty-body' }
  /** `success: true` without `result`. */
  | { readonly kind: 'no-result' }
  /** `success: false` with no error in it; nothing is executed. */
  | { readonly kind: 'empty-errors' }
  /** Error codes as numbers instead of texts. */
  | { readonly kind: 'numeric-codes'; readonly code: string }
  /** Executed, but the last `rows` records are missing from the answer. */
  | { readonly kind: 'rows-missing'; readonly rows?: number }
  | { readonly kind: 'rows-shuffled' }
  /** A finished export's file answers 404. */
  | { readonly kind: 'file-missing' }
  /** The file lacks its last `bytes`, and says it is complete. */
  | { readonly kind: 'file-short'; readonly bytes?: number }
  /** One byte of the file is another. */
  | { readonly kind: 'file-corrupt' }
  /** The connection ends after `bytes` of the body. */
  | { readonly kind: 'file-cut'; readonly bytes: number }
  /** The whole file with 200 although a range was asked for. */
  | { readonly kind: 'range-ignored' }
  /** A range answer that lacks its last byte. */
  | { readonly kind: 'range-short' }
  /** The enqueued job will end as Failed. */
  | { readonly kind: 'job-failed'; readonly message?: string }
  /** The enqueued job never ends. */
  | { readonly kind: 'job-stuck' }
  /** The enqueued job's file or its row count is wrong in this way. */
  | { readonly kind: 'job-dirty'; readonly dirt: Dirt }
  /** All tokens end with this call: it answers 602, or 601 when revoked. */
  | { readonly kind: 'token-expired' }
  | { readonly kind: 'token-revoked' }
  /** The identity call gives a token that lives this long. */
  | { readonly kind: 'token-short'; readonly seconds: number }

export type Fault = FaultKind & { readonly match?: FaultMatch }

const kinds: Readonly<Record<FaultKind['kind'], true>> = {
  error: true,
  http: true,
  'reset-before': true,
  'reset-after': true,
  'error-after': true,
  'http-after': true,
  late: true,
  slow: true,
  'truncated-json': true,
  'empty-body': true,
  'no-result': true,
  'empty-errors': true,
  'numeric-codes': true,
  'rows-missing': true,
  'rows-shuffled': true,
  'file-missing': true,
  'file-short': true,
  'file-corrupt': true,
  'file-cut': true,
  'range-ignored': true,
  'range-short': true,
  'job-failed': true,
  'job-stuck': true,
  'job-dirty': true,
  'token-expired': true,
  'token-revoked': true,
  'token-short': true,
}

/** A misspelt fault would let a test pass that proves nothing. */
export function isFault(value: unknown): value is Fault {
  return isRecord(value) && Object.hasOwn(kinds, textOf(value['kind']))
}

interface Armed {
  readonly fault: Fault
  readonly endpoint: RegExp | null
  seen: number
  fired: number
}

/** The faults in force; a call meets the first that fires. */
export class FaultDesk {
  readonly #random: Random
  #armed: Armed[] = []

  constructor(random: Random, faults: readonly Fault[]) {
    this.#random = random
    this.add(faults)
  }

  add(faults: readonly Fault[]): void {
    for (const fault of faults) {
      const endpoint = fault.match?.endpoint
      this.#armed.push({
        fault,
        endpoint: endpoint === undefined ? null : new RegExp(endpoint),
        seen: 0,
        fired: 0,
      })
    }
  }

  clear(): void {
    this.#armed = []
  }

  list(): readonly object[] {
    return this.#armed.map(({ fault, seen, fired }) => ({
      ...fault,
      seen,
      fired,
    }))
  }

  /** The fault of this call, or null. */
  next(method: string, path: string): Fault | null {
    let hit: Fault | null = null
    for (const armed of this.#armed) {
      if (armed.endpoint?.test(`${method} ${path}`) === false) continue
      armed.seen += 1
      if (hit !== null || !this.#fires(armed)) continue
      armed.fired += 1
      hit = armed.fault
    }
    return hit
  }

  #fires({ fault, seen, fired }: Armed): boolean {
    const { nth, after, count, probability } = fault.match ?? {}
    if (nth !== undefined && seen !== nth) return false
    if (after !== undefined && seen <= after) return false
    if (count !== undefined && fired >= count) return false
    return probability === undefined || this.#random.chance(probability)
  }
}
