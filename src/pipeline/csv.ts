/** Small CSV files that a person writes or saves from a spreadsheet. */
import type { Position } from './problem.js'

export interface Cell extends Position {
  readonly text: string
}

export interface CsvRow extends Position {
  readonly cells: readonly Cell[]
}

export interface CsvText {
  readonly rows: readonly CsvRow[]
  readonly problems: readonly (Position & { readonly message: string })[]
}

interface Scan {
  readonly cell: Cell
  readonly end: number
  readonly problem: string | null
}

/**
 * Reads RFC 4180, with `;` where the first line has no comma, as spreadsheets
 * of many countries write it. Blank lines are left out. Never throws.
 */
export function readCsv(source: string): CsvText {
  const text = source.replace(/^\uFEFF/, '')
  const separator = separatorOf(text)
  const rows: CsvRow[] = []
  const problems: (Position & { message: string })[] = []
  const place = new Place(text)
  let cells: Cell[] = []
  let at = 0
  while (at < text.length) {
    const { cell, end, problem } = scan(text, at, separator, place)
    if (problem !== null) {
      problems.push({ line: cell.line, column: cell.column, message: problem })
    }
    cells.push(cell)
    at = end
    if (text[at] === separator) {
      at += 1
      if (at < text.length) continue
      cells.push({ text: '', ...place.of(at) })
    }
    const [first] = cells
    const isBlank = cells.every((each) => each.text === '')
    if (first !== undefined && !isBlank) {
      rows.push({ cells, line: first.line, column: first.column })
    }
    cells = []
    if (text[at] === '\r') at += 1
    if (text[at] === '\n') at += 1
  }
  return { rows, problems }
}

function separatorOf(text: string): string {
  const [header = ''] = text.split(/\r?\n/, 1)
  return header.includes(',') || !header.includes(';') ? ',' : ';'
}

/** Offsets as lines and columns; asked in rising order only. */
class Place {
  readonly #text: string
  #line = 1
  #lineStart = 0
  #seen = 0

  constructor(text: string) {
    this.#text = text
  }

  of(offset: number): Position {
    for (; this.#seen < offset; this.#seen += 1) {
      const character = this.#text[this.#seen]
      const isEnd =
        character === '\n' ||
        (character === '\r' && this.#text[this.#seen + 1] !== '\n')
      if (!isEnd) continue
      this.#line += 1
      this.#lineStart = this.#seen + 1
    }
    return { line: this.#line, column: offset - this.#lineStart + 1 }
  }
}

function scan(
  text: string,
  start: number,
  separator: string,
  place: Place,
): Scan {
  const position = place.of(start)
  const rest = separator === ',' ? /[,\r\n]|$/g : /[;\r\n]|$/g
  if (text[start] !== '"') {
    rest.lastIndex = start
    const end = rest.exec(text)?.index ?? text.length
    const cell = { text: text.slice(start, end).trim(), ...position }
    return { cell, end, problem: null }
  }
  let at = start + 1
  let value = ''
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote === -1) {
      const cell = { text: value + text.slice(at), ...position }
      return { cell, end: text.length, problem: 'has a quote without its end.' }
    }
    value += text.slice(at, quote)
    at = quote + 1
    if (text[at] !== '"') break
    value += '"'
    at += 1
  }
  rest.lastIndex = at
  const end = rest.exec(text)?.index ?? text.length
  const isClean = text.slice(at, end).trim() === ''
  const problem = isClean ? null : 'has text after its closing quote.'
  return { cell: { text: value, ...position }, end, problem }
}

/** One line, quoted only where it must be. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(',')
}

function csvCell(text: string): string {
  const isPlain = !/[",;\r\n]/.test(text) && text === text.trim()
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`
}

/**
 * A cell that a spreadsheet takes for text and never for a formula: an
 * apostrophe goes before what would begin one.
 */
export function inertCell(text: string): string {
  return /^[=+\-@\t\r\n|%]/.test(text) ? `'${text}` : text
}
