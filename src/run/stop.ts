import { exitCode, PipelineError } from '../error.js'

/** Why a run ends early when a person or a scheduler asks it to. */
export function stopped(pipeline: string): PipelineError {
  return new PipelineError(
    'stopped',
    `The run was stopped. What was sent is recorded and nothing is half-done; pipeline run ${pipeline} continues.`,
    { exit: exitCode.paused, recovery: 'wait' },
  )
}
