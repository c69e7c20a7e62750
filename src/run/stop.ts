import { asError, exitCode, PipelineError } from '../error.js'
import type { RunRecord } from './record.js'

/** Why a run ends early when a person or a scheduler asks it to. */
export function stopped(pipeline: string): PipelineError {
  return new PipelineError(
    'stopped',
    `The run was stopped. What was sent is recorded and nothing is half-done; pipeline run ${pipeline} continues.`,
    { exit: exitCode.paused, recovery: 'wait' },
  )
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
  if (again === null || !(reason instanceof PipelineError)) return reason
  const { code, message, exit, recovery } = reason
  const next = message.replace(
    /pipeline run \S+ continues/,
    `${again} continues`,
  )
  return new PipelineError(code, next, { exit, recovery })
}

/**
 * What goes on with an approved plan that was not begun; `pipeline run` would
 * make another one.
 */
function applyAgain({ pipeline, apply, plan }: RunRecord): string | null {
  if (apply !== null || plan === null) return null
  return `pipeline apply ${pipeline} --plan ${plan.hash.slice(0, 12)}`
}
