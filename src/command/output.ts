import { resolve } from 'node:path'
import type { Command } from 'commander'
import { formatDuration } from '../format.js'
import type { ExitCode } from '../error.js'
import { displayWidth, fit, padded } from './width.js'

/** The world of a command, passed in so that it can be tested. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>
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

/** Shows the steps of a run while they happen. */
export interface Progress {
  /** `total` null: no bar, because the end is not known. */
  start(step: string, total?: number | null): void
  update(step: string, done: number, total: number | null, text: string): void
  end(step: string, text: string, seconds: number, status: Status): void
  /** A line between the steps. */
  line(text: string): void
  close(): void
}

export interface StepView {
  readonly step: string
  readonly done: number
  readonly total: number | null
  readonly text: string
  /** null while the step runs. */
  readonly seconds: number | null
  readonly status: Status
}

const barWidth = 24
const widestLine = 86

/** `████░░░░`, as long as `width`; full only when everything is done. */
export function bar(done: number, total: number, width = barWidth): string {
  const share = total > 0 ? Math.min(Math.max(done / total, 0), 1) : 1
  const full = share < 1 ? Math.floor(share * width) : width
  return '█'.repeat(full) + '░'.repeat(width - full)
}

/** One step as one line of at most `columns` cells. */
export function stepLine(
  view: StepView,
  columns: number,
  color: boolean,
): string {
  const width = Math.min(columns - 1, widestLine)
  const name = padded(view.step, 7)
  const drawn = view.total === null ? '' : `${bar(view.done, view.total)}  `
  const word = view.status === 'ok' ? [] : [view.status]
  const words = [...word, view.text].filter((part) => part !== '').join(' · ')
  const time = view.seconds === null ? '' : formatDuration(view.seconds)
  const room = width - 11 - displayWidth(drawn) - time.length - 2
  const text = padded(fit(printable(words), room), room)
  const shown = view.seconds === null ? name : colored(name, view.status, color)
  return `  ${shown}  ${drawn}${text}${time === '' ? '' : `  ${time}`}`.trimEnd()
}

/** The same facts without a terminal: one plain line. */
export function plainLine(view: StepView): string {
  const word = view.status === 'ok' ? [] : [view.status]
  const words = [...word, view.text].filter((part) => part !== '').join(': ')
  const time = view.seconds === null ? '' : ` (${formatDuration(view.seconds)})`
  return `${padded(view.step, 7)}  ${printable(words)}${time}`
}

/** Milliseconds between two drawings; more often is only flicker. */
const frame = 80

/**
 * On a terminal one line per step, redrawn; elsewhere one plain line per
 * finished step. With `--json` the plain lines go to stderr.
 */
export function progress(
  context: CommandContext,
  options: Pick<Settings, 'json' | 'quiet' | 'color'>,
  now: () => number = () => performance.now(),
): Progress {
  if (options.quiet) return silent
  if (options.json || !context.isTerminal) {
    return plainProgress(options.json ? context.stderr : context.stdout)
  }
  return terminalProgress(context, options.color, now)
}

const silent: Progress = {
  start() {},
  update() {},
  end() {},
  line() {},
  close() {},
}

function plainProgress(out: Writer): Progress {
  return {
    ...silent,
    end(step, text, seconds, status) {
      const view = { step, done: 0, total: null, text, seconds, status }
      out.write(`${plainLine(view)}\n`)
    },
    line: (text) => void out.write(`${text}\n`),
  }
}

function terminalProgress(
  context: CommandContext,
  color: boolean,
  now: () => number,
): Progress {
  let current: StepView | null = null
  let drawnAt = Number.NEGATIVE_INFINITY
  const erase = '\r\u001b[2K'
  const draw = () => {
    if (current === null) return
    const line = stepLine(current, context.columns, color)
    context.stdout.write(`${erase}${line}`)
    drawnAt = now()
  }
  const finish = (view: StepView) => {
    const line = stepLine(view, context.columns, color)
    context.stdout.write(`${erase}${line}\n`)
  }
  return {
    start(step, total = null) {
      const status = 'ok'
      current = { step, done: 0, total, text: '', seconds: null, status }
      draw()
    },
    update(step, done, total, text) {
      const status = 'ok'
      current = { step, done, total, text, seconds: null, status }
      if (now() - drawnAt >= frame) draw()
    },
    end(step, text, seconds, status) {
      const open = current?.step === step ? current : null
      const total = open?.total ?? null
      const done = status === 'ok' ? (total ?? 0) : (open?.done ?? 0)
      finish({ step, done, total, text, seconds, status })
      current = null
    },
    line(text) {
      context.stdout.write(`${current === null ? '' : erase}${text}\n`)
      draw()
    },
    close() {
      if (current !== null) context.stdout.write('\n')
      current = null
    },
  }
}
