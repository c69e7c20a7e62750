/** What `pipeline debug` and the console check before a run. */
import {
  asError,
  asMachineError,
  type ExitCode,
  exitCode,
  PipelineError,
} from '../error.js'

/** One line of `pipeline debug`. */
export interface Check {
  readonly check: string
  readonly status: 'ok' | 'warn' | 'failed' | 'skipped'
  /** What was found; of a failure, also what to do. */
  readonly text: string
  /** What the command exits with when this is the worst. */
  readonly exit: ExitCode
}

export function passed(check: string, text: string): Check {
  return { check, status: 'ok', text, exit: exitCode.done }
}

export function warned(check: string, text: string): Check {
  return { check, status: 'warn', text, exit: exitCode.done }
}

export function skipped(check: string, text: string): Check {
  return { check, status: 'skipped', text, exit: exitCode.done }
}

export function failed(check: string, text: string, exit: ExitCode): Check {
  return { check, status: 'failed', text, exit }
}

/** The check of what was thrown; its message says what to do. */
export function failedBy(check: string, thrown: unknown): Check {
  const error = asMachineError(asError(thrown), `The check of ${check}`)
  return error instanceof PipelineError
    ? failed(check, error.message, error.exit)
    : failed(check, error.message, exitCode.failed)
}

/** Exit codes from the one that hides all others to the mildest. */
const worst: readonly ExitCode[] = [
  exitCode.unexpected,
  exitCode.machine,
  exitCode.access,
  exitCode.badInput,
  exitCode.failed,
  exitCode.locked,
  exitCode.paused,
]

export function worstExit(checks: readonly Check[]): ExitCode {
  const codes = checks.map(({ exit }) => exit)
  return worst.find((code) => codes.includes(code)) ?? exitCode.done
}
