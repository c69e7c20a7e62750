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

/** What the system says of a place, and what a person does about it. */
const systemFaults: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['the disk is full', 'make room'],
  EDQUOT: ['the disk quota of this user is used up', 'make room'],
  EFBIG: ['a file may not grow any larger', 'raise the limit (ulimit -f)'],
  ENOMEM: ['memory ran out', 'give it more memory'],
  EIO: ['the disk does not answer as it should', 'check the disk'],
  EROFS: ['the folder is read-only', 'make it one that can be written'],
  EACCES: ['this user has no right to', 'give it the right to read and write'],
  EPERM: ['this user has no right to', 'give it the right to read and write'],
  EMFILE: ['too many files are open', 'raise the limit (ulimit -n)'],
  ENFILE: ['too many files are open', 'close other programs'],
  ENOTDIR: ['a file is in the place of a folder', 'move it away'],
  EEXIST: ['a file is in the place of a folder', 'move it away'],
  EISDIR: ['a folder is in the place of a file', 'move it away'],
}

/** The same faults in the words of DuckDB, which gives no codes. */
const said: readonly (readonly [RegExp, string])[] = [
  [/no space left on device/i, 'ENOSPC'],
  [/disk quota exceeded/i, 'EDQUOT'],
  [/file too large/i, 'EFBIG'],
  [/out of memory/i, 'ENOMEM'],
]

/**
 * Says a full disk, a missing right or missing memory in words with exit
 * code 6; every other error comes back as it was.
 */
export function asMachineError(thrown: unknown, doing: string): Error {
  const error = asError(thrown)
  if (error instanceof PipelineError) return error
  const fault = systemFaults[codeOf(error)]
  if (fault === undefined) return error
  const [why, remedy] = fault
  return new PipelineError(
    'machine',
    `${doing} stopped because ${why}${placeOf(error)}. Nothing half-written was kept; ${remedy} and run the same command again.`,
    { exit: exitCode.machine, cause: error },
  )
}

function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code
  return said.find(([words]) => words.test(error.message))?.[1] ?? ''
}

/** ` (/var/lib/x, EACCES)`: which place, where the system names it. */
function placeOf(error: Error): string {
  const path = 'path' in error ? error.path : undefined
  return typeof path === 'string' ? ` (${path}, ${codeOf(error)})` : ''
}
