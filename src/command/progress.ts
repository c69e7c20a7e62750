import { formatDuration } from '../format.js'
import type { Part } from '../run/extract-progress.js'
import {
  colored,
  type CommandContext,
  printable,
  type Settings,
  type Status,
  type Writer,
} from './output.js'
import { displayWidth, fit, padded } from './width.js'

/** Shows the steps of a run while they happen. */
export interface Progress {
  /** `total` null: no bar, because the end is not known. */
  start(step: string, total?: number | null): void
  update(
    step: string,
    done: number,
    total: number | null,
    text: string,
    parts?: readonly Part[],
  ): void
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
    return plainProgress(options.json ? context.stderr : context.stdout, now)
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

/** Milliseconds between two lines about a step that goes on. */
const plainPause = 30_000

function plainProgress(out: Writer, now: () => number): Progress {
  let toldAt = now()
  return {
    ...silent,
    start() {
      toldAt = now()
    },
    update(step, done, total, text) {
      if (now() - toldAt < plainPause) return
      toldAt = now()
      const share =
        total === null ? '' : `${Math.floor((done / total) * 100)} %`
      const words = [share, text].filter((part) => part !== '').join(' · ')
      out.write(`${padded(step, 7)}  ${printable(words)}\n`)
    },
    end(step, text, seconds, status) {
      const view = { step, done: 0, total: null, text, seconds, status }
      out.write(`${plainLine(view)}\n`)
    },
    line: (text) => void out.write(`${text}\n`),
  }
}

/** On narrower terminals there is one bar, with a count of what goes on. */
const leastColumns = 72
/** More lines than this would push away what is above. */
const mostParts = 6
const labelWidth = 32

/** A line under its step; the bar shows what is known to arrive. */
function partLine(part: Part, columns: number): string {
  const width = Math.min(columns - 1, widestLine)
  const label = padded(fit(printable(part.label), labelWidth), labelWidth)
  const drawn = part.total === null ? '' : `${bar(part.done, part.total, 12)}  `
  const room = width - 4 - labelWidth - 2 - displayWidth(drawn)
  return `    ${label}  ${drawn}${fit(printable(part.text), room)}`
}

/** The step and what goes on in it, one line each. */
function blockLines(
  view: StepView,
  parts: readonly Part[],
  columns: number,
  color: boolean,
): string[] {
  const isNarrow = columns < leastColumns
  const count = parts.length > 1 ? `${parts.length} at once · ` : ''
  const text = isNarrow ? `${count}${view.text}` : view.text
  const first = stepLine({ ...view, text }, columns, color)
  if (isNarrow) return [first]
  const shown = parts.slice(0, mostParts)
  const more = parts.length - shown.length
  const rest = more > 0 ? [`    and ${more} more`] : []
  return [first, ...shown.map((part) => partLine(part, columns)), ...rest]
}

function terminalProgress(
  context: CommandContext,
  color: boolean,
  now: () => number,
): Progress {
  let current: StepView | null = null
  let parts: readonly Part[] = []
  let drawnAt = Number.NEGATIVE_INFINITY
  /** Lines on the screen that belong to the running step. */
  let height = 0
  const erase = () =>
    `\r\u001b[2K${'\u001b[1A\u001b[2K'.repeat(Math.max(0, height - 1))}`
  const draw = () => {
    if (current === null) return
    const lines = blockLines(current, parts, context.columns, color)
    context.stdout.write(`${erase()}${lines.join('\n')}`)
    height = lines.length
    drawnAt = now()
  }
  const finish = (view: StepView) => {
    const line = stepLine(view, context.columns, color)
    context.stdout.write(`${erase()}${line}\n`)
    height = 0
  }
  return {
    start(step, total = null) {
      const status = 'ok'
      current = { step, done: 0, total, text: '', seconds: null, status }
      parts = []
      draw()
    },
    update(step, done, total, text, going = []) {
      const status = 'ok'
      current = { step, done, total, text, seconds: null, status }
      parts = going
      if (now() - drawnAt >= frame) draw()
    },
    end(step, text, seconds, status) {
      const open = current?.step === step ? current : null
      const total = open?.total ?? null
      const done = status === 'ok' ? (total ?? 0) : (open?.done ?? 0)
      finish({ step, done, total, text, seconds, status })
      current = null
      parts = []
    },
    line(text) {
      context.stdout.write(`${current === null ? '' : erase()}${text}\n`)
      height = 0
      draw()
    },
    close() {
      if (current !== null) context.stdout.write('\n')
      current = null
      height = 0
    },
  }
}
