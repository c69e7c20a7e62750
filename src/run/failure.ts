/** How a run that failed says so: in its record, and in its log. */
import { asError, type ExitCode, exitCode, PipelineError } from '../error.js'
import type { Log } from '../log.js'
import { failureStatus } from './outcome.js'
import type { Recorder } from './recorder.js'

/** Writes what went wrong into the record. `at` is ISO 8601. */
export async function fail(
  recorder: Recorder,
  thrown: unknown,
  { log, at }: { log: Log; at: string },
): Promise<void> {
  const error = asError(thrown)
  const known = error instanceof PipelineError ? error : null
  if (known === null) logUnexpected(log, error)
  const code: ExitCode = known?.exit ?? exitCode.unexpected
  const facts = {
    status: failureStatus(code),
    exit_code: code,
    ended_at: at,
    error: {
      code: known?.code ?? 'unexpected',
      message: known?.message ?? unexpected(error, recorder.record.pipeline),
    },
  }
  // Where the record cannot be written, the person at the terminal reads it.
  await recorder.set(facts).catch(() => {})
}

function unexpected({ message }: Error, pipeline: string): string {
  const [first = ''] = message.split('\n')
  return `Unexpected error: ${first.trimEnd()} This is a fault in the pipeline tool, or damage that it does not know; pipeline log ${pipeline} --event error.unexpected shows where it happened.`
}

/** Where it happened; the message itself may quote what was read. */
function logUnexpected(log: Log, { stack = '' }: Error): void {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  log.event('error.unexpected', {
    msg: frames.map((line) => line.trim()).join(' < '),
  })
}
