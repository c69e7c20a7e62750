import {
  asError,
  asMachineError,
  exitCode,
  PipelineError,
  type ErrorProperties,
} from '../error.js'

/** Only errors of these kinds: a column may be called `checksum`. */
const damage =
  /^(?:IO|Serialization|FATAL) Error.*(?:not a valid DuckDB database|corrupt|checksum|version number|invalidated|read enough bytes|deserialize|replaying WAL)/is

/** An error from opening a database file, said in our own words. */
export function openFault(thrown: unknown, path: string): Error {
  const error = asError(thrown)
  if (error instanceof PipelineError) return error
  const holder = lockHolder(error)
  if (holder !== undefined) {
    return locked(`The warehouse file ${path}`, holder, error)
  }
  if (error.message.startsWith('INTERNAL Error')) return damaged(error, path)
  const said = queryFault(error, path)
  if (said instanceof PipelineError) return said
  return fault(
    'machine',
    `The warehouse file ${path} cannot be opened (${systemReason(error)}); make its folder a folder that this user can write and run the same command again.`,
    { exit: exitCode.machine, cause: error },
  )
}

function systemReason(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code
  return /: ([A-Z][a-z ]+)$/m.exec(error.message)?.[1] ?? 'no reason given'
}

/**
 * An error from a statement. Damage, a full disk and an interrupt get codes
 * of their own; anything else keeps DuckDB's sentence without its data.
 */
export function queryFault(thrown: unknown, path: string): Error {
  const error = asError(thrown)
  if (error instanceof PipelineError) return error
  if (/^INTERRUPT Error/i.test(error.message)) {
    return fault(
      'interrupted',
      'A query was interrupted because the command was asked to stop; nothing of it was kept, and the same command continues.',
      { exit: exitCode.paused, recovery: 'retry' },
    )
  }
  // A full disk makes DuckDB give a sound file up; it is not damaged.
  const machine = asMachineError(error, `A query in the warehouse ${path}`)
  if (machine instanceof PipelineError) return machine
  if (damage.test(error.message)) return damaged(error, path)
  error.message = error.message.replace(/^Failed to \w+ statements?: /, '')
  return discreet(error)
}

/** The pid in DuckDB's message about a lock, null where it names none. */
function lockHolder(error: Error): number | null | undefined {
  if (!/could not set lock on file/i.test(error.message)) return undefined
  const pid = /\(PID (\d+)\)/.exec(error.message)?.[1]
  return pid === undefined ? null : Number(pid)
}

/** Somebody else works there; `what` begins the sentence, `look` helps. */
export function locked(
  what: string,
  pid: number | null,
  cause: unknown,
  look = '',
): PipelineError {
  const who = pid === null ? 'another process' : `another process (pid ${pid})`
  return fault(
    'locked',
    `${what} is in use by ${who}; wait until it ends${look}, or stop it, and run the same command again.`,
    { exit: exitCode.locked, recovery: 'wait', details: { pid }, cause },
  )
}

function damaged(error: Error, path: string): PipelineError {
  return fault(
    'warehouse_damaged',
    `The warehouse file ${path} is damaged and cannot be read; the next pipeline run moves it aside and builds it anew.`,
    { exit: exitCode.failed, details: { path }, cause: discreet(error) },
  )
}

const mask = (text: string) =>
  text[0] + '\u2026'.repeat(Math.max(text.length - 2, 1)) + text[0]

/**
 * Conversion and constraint errors quote the value they met, which may be a
 * lead's; the words around it stay, and the caret under the line still fits.
 */
function discreet(error: Error): Error {
  const [kind = ''] = error.message.split(':', 1)
  if (!/^(Conversion|Constraint|Out of Range|Invalid Input)/.test(kind)) {
    return error
  }
  return new Error(
    error.message
      .replaceAll(/'(?:[^']|'')*'/gs, mask)
      .replaceAll(/"[^"]*"/gs, mask),
  )
}

function fault(
  code: string,
  message: string,
  properties: ErrorProperties,
): PipelineError {
  return new PipelineError(code, message, properties)
}
