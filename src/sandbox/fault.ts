import { places } from './fault-place.js'
import { isDirt, type Dirt } from './dirt.js'
import { isRecord, textOf } from './json.js'

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
  | {
      readonly kind: 'http'
      readonly status: number
      /** Seconds of a Retry-After header. */
      readonly retryAfter?: number
    }
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
  /** The body comes at this pace. */
  | { readonly kind: 'drip'; readonly bytesPerSecond: number }
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
  /** A page of activities without any, though there are more. */
  | { readonly kind: 'empty-page' }
  /** A finished export's file answers 404. */
  | { readonly kind: 'file-missing' }
  /** The file lacks its last `bytes`, and says it is complete. */
  | { readonly kind: 'file-short'; readonly bytes?: number }
  /** One byte of the file is another. */
  | { readonly kind: 'file-corrupt' }
  /** The connection ends after `bytes` of the body. */
  | { readonly kind: 'file-cut'; readonly bytes: number }
  /** As `file-cut`, and every token expires in that moment. */
  | { readonly kind: 'file-expired'; readonly bytes: number }
  /** The whole file with 200 although a range was asked for. */
  | { readonly kind: 'range-ignored' }
  /** A range answer that lacks its last byte. */
  | { readonly kind: 'range-short' }
  /** Content-Range tells another start, or another size of the whole. */
  | {
      readonly kind: 'range-forged'
      readonly start?: number
      readonly total?: number
    }
  /** The enqueued job will end as Failed. */
  | { readonly kind: 'job-failed'; readonly message?: string }
  /** The enqueued job stays as it is (Processing), or does so for a time. */
  | {
      readonly kind: 'job-stuck'
      readonly state?: 'Queued' | 'Processing'
      readonly seconds?: number
    }
  /** Somebody cancels the enqueued job while it is processed. */
  | { readonly kind: 'job-cancelled' }
  /** The enqueued job is known no more, and never was. */
  | { readonly kind: 'job-vanished' }
  /** The enqueued job completes, and there never is a file. */
  | { readonly kind: 'job-fileless' }
  /** The enqueued job's file or its row count is wrong in this way. */
  | { readonly kind: 'job-dirty'; readonly dirt: Dirt }
  /** The submitted import fails after `rows` of its rows; default none. */
  | {
      readonly kind: 'import-failed'
      readonly rows?: number
      readonly reason?: string
    }
  /** The submitted import stays as it is (Importing), or does so for a time. */
  | {
      readonly kind: 'import-stuck'
      readonly state?: 'Queued' | 'Importing'
      readonly seconds?: number
    }
  /** Of the submitted import every so many rows fail; default each. */
  | {
      readonly kind: 'import-rows-failed'
      readonly every?: number
      readonly reason?: string
    }
  /** The same with a warning. */
  | {
      readonly kind: 'import-rows-warned'
      readonly every?: number
      readonly reason?: string
    }
  /** All tokens end with this call: it answers 602, or 601 when revoked. */
  | { readonly kind: 'token-expired' }
  | { readonly kind: 'token-revoked' }
  /** The identity call gives a token that lives this long. */
  | { readonly kind: 'token-short'; readonly seconds: number }

export type Fault = FaultKind & { readonly match?: FaultMatch }

/** A misspelt fault would let a test pass that proves nothing. */
export function isFault(value: unknown): value is Fault {
  if (!isRecord(value)) return false
  if (!Object.hasOwn(places, textOf(value['kind']))) return false
  return value['kind'] !== 'job-dirty' || isDirt(value['dirt'])
}
