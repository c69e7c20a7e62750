import { asError, exitCode, PipelineError } from '../error.js'
import type { Deadline } from './deadline.js'
import type { RunRecord } from './record.js'

/** A run ends before its end because somebody, or a limit, wanted it to. */
export class Stop extends PipelineError {
  readonly #why: string

  constructor(code: string, why: string, next: string) {
    super(code, `${why} and nothing is half-done; ${next} continues.`, {
      exit: exitCode.paused,
      recovery: 'wait',
    })
    this.#why = why
  }

  /** The same, where another command goes on. */
  continuedBy(next: string): Stop {
    return new Stop(this.code, this.#why, next)
  }
}

/** A person or a scheduler asked for it. */
export function stopped(pipeline: string): Stop {
  const why = 'The run was stopped. What was sent is recorded'
  return new Stop('stopped', why, `pipeline run ${pipeline}`)
}

/** It reached its deadline. */
export function pastDeadline(
  pipeline: string,
  { words }: Pick<Deadline, 'words'>,
): Stop {
  const why = `The run ended by its limit, ${words}. What was done is recorded`
  return new Stop('deadline', why, `pipeline run ${pipeline}`)
}

/**
 * What interrupted work throws differs by what it was doing; a person who
 * asked for the stop wants to read that it was one. `approved` is the record
 * of a run that was to apply a plan.
 */
export function asStop(
  thrown: unknown,
  signal: AbortSignal,
  approved: RunRecord | null = null,
): Error {
  const error = asError(thrown)
  const isPause =
    error instanceof PipelineError
      ? error.exit === exitCode.paused
      : error.name === 'AbortError'
  if (!signal.aborted || !isPause) return error
  const reason = asError(signal.reason)
  const again = approved === null ? null : applyAgain(approved)
  return again !== null && reason instanceof Stop
    ? reason.continuedBy(again)
    : reason
}

/**
 * What goes on with an approved plan that was not begun; `pipeline run` would
 * make another one.
 */
function applyAgain({ pipeline, apply, plan }: RunRecord): string | null {
  if (apply !== null || plan === null) return null
  return `pipeline apply ${pipeline} --plan ${plan.hash.slice(0, 12)}`
}
