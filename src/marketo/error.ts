import { PipelineError } from '../error.js'
import type { Outcome } from './api.js'
import { type Problem, treatment } from './problem.js'

export interface MarketoFailure {
  readonly problem: Problem
  readonly outcome: Exclude<Outcome, 'ok'>
  readonly instance: string
  /** Endpoint template, never with ids. */
  readonly endpoint: string
  readonly marketoCode?: string | null
  /** Marketo's own words, already scrubbed. */
  readonly said?: string | null
  readonly requestId?: string | null
  readonly http?: number | null
  /** The system's word for a broken connection, such as ECONNRESET. */
  readonly system?: string | null
  /** Permission that the endpoint needs. */
  readonly permission?: string | null
  /** When a quota resets, ISO 8601. */
  readonly resetsAt?: string | null
  /** Replaces the usual "what to do next". */
  readonly next?: string
  readonly isWrite?: boolean
  readonly attempts?: number
  readonly seconds?: number
}

/**
 * A call to Marketo that did not succeed. It holds no header, token, id or
 * value of a lead, and no cause, because the library's errors carry all that.
 */
export class MarketoError extends PipelineError {
  readonly problem: Problem
  readonly outcome: Exclude<Outcome, 'ok'>
  readonly marketoCode: string | null
  readonly requestId: string | null
  readonly endpoint: string
  readonly #failure: MarketoFailure

  constructor(failure: MarketoFailure) {
    const { exit, recovery } = treatment[failure.problem]
    const { problem, ...details } = failure
    super(problem, sentence(failure), { exit, recovery, details })
    this.name = 'MarketoError'
    this.problem = problem
    this.outcome = failure.outcome
    this.marketoCode = failure.marketoCode ?? null
    this.requestId = failure.requestId ?? null
    this.endpoint = failure.endpoint
    this.#failure = failure
  }

  /** The same error, with more known about it. */
  with(more: Partial<MarketoFailure>): MarketoError {
    return new MarketoError({ ...this.#failure, ...more })
  }
}

/** One sentence what, on which thing and why, then what to do next. */
function sentence(failure: MarketoFailure): string {
  const { what, next } = treatment[failure.problem]
  const parts = [
    `Marketo ${failure.instance} ${what} (${evidence(failure)}).`,
    failure.outcome === 'ambiguous' && failure.isWrite
      ? 'Whether it carried the request out is not known.'
      : '',
    tries(failure),
    failure.permission && failure.problem === 'permission'
      ? `Needed permission: ${failure.permission}.`
      : '',
    failure.resetsAt ? `It resets at ${failure.resetsAt}.` : '',
    failure.next ?? next,
  ]
  return parts.filter(Boolean).join(' ')
}

function evidence(failure: MarketoFailure): string {
  const { endpoint, marketoCode, said, http, system, requestId } = failure
  const code = marketoCode
    ? `code ${marketoCode}${said ? ` "${said}"` : ''}`
    : said
  const status = http && http !== 200 ? `HTTP ${http}` : ''
  const request = requestId ? `request ${requestId}` : ''
  return [endpoint, code, status, system, request].filter(Boolean).join(', ')
}

function tries({ attempts, seconds }: MarketoFailure): string {
  if (!attempts || attempts < 2) return ''
  return `It was tried ${attempts} times in ${Math.round(seconds ?? 0)} s.`
}
