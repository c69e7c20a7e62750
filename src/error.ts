/**
 * What a caller may do about an error: `retry` the same call, `wait` for a
 * quota, a slot or a person, `skip` this record and go on, or `abort`.
 */
export type Recovery = 'retry' | 'wait' | 'skip' | 'abort'

/** Exit codes of every command; one meaning each, stable. */
export const exitCode = {
  done: 0,
  failed: 1,
  unexpected: 2,
  badInput: 3,
  paused: 4,
  access: 5,
  machine: 6,
  guardrail: 7,
  planRefused: 8,
  locked: 9,
  changes: 10,
  needsPerson: 11,
} as const

export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

export interface ErrorProperties {
  readonly exit: ExitCode
  readonly recovery?: Recovery
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/**
 * The one base error. `message` is a sentence that says what failed, on which
 * named thing, and what to do next. `code` is a stable word for machines.
 * `details` never holds a secret or a lead's value.
 */
export class PipelineError extends Error {
  readonly code: string
  readonly exit: ExitCode
  readonly recovery: Recovery
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, properties: ErrorProperties) {
    super(
      message,
      properties.cause === undefined ? {} : { cause: properties.cause },
    )
    this.name = 'PipelineError'
    this.code = code
    this.exit = properties.exit
    this.recovery = properties.recovery ?? 'abort'
    this.details = properties.details ?? {}
  }
}

/** A file, rule or option that a person wrote is wrong. */
export function badInput(
  code: string,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): PipelineError {
  return new PipelineError(code, message, { exit: exitCode.badInput, details })
}

/** Anything thrown becomes an Error once, here. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

const machineCodes = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'ENOMEM'])

/**
 * Says a full disk, a read-only folder or missing memory in words with exit
 * code 6; every other error comes back as it was.
 */
export function asMachineError(thrown: unknown, doing: string): Error {
  const error = asError(thrown)
  if (error instanceof PipelineError) return error
  const code = 'code' in error ? String(error.code) : ''
  const full =
    code === 'ENOSPC' || /no space left on device/i.test(error.message)
  const memory = /out of memory/i.test(error.message)
  if (!machineCodes.has(code) && !full && !memory) return error
  const why = full
    ? 'the disk is full'
    : memory
      ? 'memory ran out'
      : `the system answered ${code}`
  return new PipelineError(
    'machine',
    `${doing} stopped because ${why}. Nothing half-written was kept; make room and run the same command again.`,
    { exit: exitCode.machine, cause: error },
  )
}
