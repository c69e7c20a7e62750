import { asError, exitCode, PipelineError } from '../error.js'

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
 * asked for the stop wants to read that it was one.
 */
export function asStop(thrown: unknown, signal: AbortSignal): Error {
  const error = asError(thrown)
  const isPause =
    error instanceof PipelineError
      ? error.exit === exitCode.paused
      : error.name === 'AbortError'
  return signal.aborted && isPause ? asError(signal.reason) : error
}
