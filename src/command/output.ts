import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { ExitCode } from '../error.js'
import { displayWidth, padded } from './width.js'

/** The world of a command, passed in so that it can be tested. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The same without what the project's .env says; default env. */
  readonly processEnv?: Readonly<Record<string, string | undefined>>
  /** Results. */
  readonly stdout: Writer
  /** Logs and errors. */
  readonly stderr: Writer
  readonly cwd: string
  /** Whether a person watches standard output. */
  readonly isTerminal: boolean
  /** Width of the terminal in characters. */
  readonly columns: number
  /** Sets the exit code; the command still returns by itself. */
  exit(code: ExitCode): void
}

export interface Writer {
  write(text: string): unknown
}

/** The global options, as every verb sees them. */
export interface Settings {
  readonly json: boolean
  readonly quiet: boolean
  readonly debug: boolean
  readonly color: boolean
  /** Absolute path of the folder that holds pipelines/ and models/. */
  readonly projectDir: string
}

/** Reads the global options wherever on the line they were written. */
export function settings(command: Command, context: CommandContext): Settings {
  const options: Record<string, unknown> = command.optsWithGlobals()
  const folder = options['projectDir']
  const noColor = context.env['NO_COLOR'] ?? ''
  return {
    json: options['json'] === true,
    quiet: options['quiet'] === true,
    debug: options['debug'] === true,
    color: options['color'] !== false && noColor === '' && context.isTerminal,
    projectDir: resolve(context.cwd, typeof folder === 'string' ? folder : ''),
  }
}

/** The one document of `--json`. */
export function printDocument(context: CommandContext, document: unknown) {
  context.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
}

export type Status = 'ok' | 'warn' | 'failed' | 'paused' | 'skipped'

const paint: Record<Status, string> = {
  ok: '\u001b[32m',
  warn: '\u001b[33m',
  failed: '\u001b[31m',
  paused: '\u001b[33m',
  skipped: '\u001b[2m',
}

/** Colour marks status only; the text must read without it. */
export function colored(text: string, status: Status, color: boolean): string {
  return color ? `${paint[status]}${text}\u001b[0m` : text
}

/**
 * Text of others, made safe to print: control characters could drive the
 * terminal, direction marks could reorder what a person reads.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
    '\ufffd',
  )
}

/** Columns aligned by their widest cell; the last one is not padded. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const lines = [header, ...rows].map((row) => row.map(printable))
  const widths = header.map((_, column) =>
    Math.max(...lines.map((line) => displayWidth(line[column] ?? ''))),
  )
  return lines.map((line) =>
    line
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
