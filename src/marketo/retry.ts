import { rateWindow } from './budget.js'
import { MarketoError } from './error.js'
import type { Problem } from './problem.js'

export interface Try {
  readonly problem: Problem
  /** Attempts that failed with this problem so far, from 1. */
  readonly attempt: number
  /** Milliseconds since the first attempt. */
  readonly elapsed: number
  /** Whether this Marketo has ever answered; if not, fail fast. */
  readonly reached: boolean
  /** In [0, 1). */
  readonly random: number
}

/** Longest that one call is repeated, in milliseconds. */
const patience = 600_000
const longestPause = 60_000

/** Problems that are worth repeating, and after how many tries no more. */
const tries: Partial<Readonly<Record<Problem, number>>> = {
  token: 5,
  system_error: 3,
  unreachable: 100,
  unavailable: 100,
  rate_limit: 100,
  concurrency_limit: 100,
}

function pause(problem: Problem, attempt: number, random: number): number {
  const doubled = 1000 * 2 ** Math.min(attempt - 1, 10)
  const jitter = 0.5 + random / 2
  if (problem === 'token') return 0
  if (problem === 'rate_limit') return rateWindow + 2000 * random
  if (problem === 'concurrency_limit') return Math.min(doubled, 8000) * jitter
  return Math.min(doubled, longestPause) * jitter
}

/**
 * The whole retry policy: milliseconds to wait before the same call may be
 * repeated, or null to give up. Whether repeating is *safe* is another
 * question, which the outcome answers.
 */
export function retryWait(failed: Try): number | null {
  const { problem, attempt, elapsed, reached, random } = failed
  const hopeless = problem === 'unreachable' && !reached
  const most = hopeless ? 3 : (tries[problem] ?? 0)
  if (attempt >= most) return null
  const wait = pause(problem, attempt, random)
  return elapsed + wait > patience ? null : wait
}

/**
 * The same policy for a caller that makes its own attempts: milliseconds to
 * wait after `attempt` failed attempts, or null when more are pointless. An
 * ambiguous attempt must be resolved by a read-back first.
 */
export function retryDelay(
  error: unknown,
  attempt: number,
  random: () => number,
): number | null {
  if (!(error instanceof MarketoError)) return null
  const { problem } = error
  let elapsed = 0
  for (let past = 1; past < attempt; past += 1) {
    elapsed += pause(problem, past, 0.5)
  }
  return retryWait({
    problem,
    attempt,
    elapsed,
    reached: true,
    random: random(),
  })
}

/** Whether no further attempt can help now. */
export function isFinal(error: unknown): boolean {
  return !(error instanceof MarketoError) || tries[error.problem] === undefined
}
