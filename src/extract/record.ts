/**
 * One CSV record as bytes. A record ends at LF or CRLF; a CR alone is data,
 * and so are U+2028 and its kin: Marketo writes them into cells.
 */
export interface CsvRecord {
  readonly kind: 'record'
  /** Offset after the record's line end. */
  readonly next: number
  /** Start and end of each cell, one after the other, without its quotes. */
  readonly bounds: readonly number[]
  /** For each cell, whether it stood in quotes. */
  readonly quoted: readonly boolean[]
  /** Offset after the last cell, before the line end. */
  readonly end: number
  /** No unquoted cell holds a quote or a CR: it can be copied as it is. */
  readonly plain: boolean
}

export interface BadRecord {
  readonly kind: 'bad'
  readonly reason: string
}

/** The buffer ends before the record does. */
export interface Unfinished {
  readonly kind: 'more'
}

const quote = 0x22
const comma = 0x2c
const lf = 0x0a
const cr = 0x0d

const more: Unfinished = { kind: 'more' }
const openQuote: BadRecord = {
  kind: 'bad',
  reason: 'a quote is never closed',
}
const afterQuote: BadRecord = {
  kind: 'bad',
  reason: 'text follows a closing quote',
}

export interface ParseOptions {
  /** Nothing comes after this buffer. */
  readonly last: boolean
  /** A CR alone ends a record too. */
  readonly crEnds: boolean
}

/** Reads the record that starts at `start`. */
export function parseRecord(
  buffer: Buffer,
  start: number,
  options: ParseOptions,
): CsvRecord | BadRecord | Unfinished {
  const bounds: number[] = []
  const quoted: boolean[] = []
  let plain = true
  let at = start
  for (;;) {
    const inQuotes = buffer[at] === quote
    const close = inQuotes ? closingQuote(buffer, at + 1, options.last) : at
    if (close === undefined) return more
    if (close < 0) return openQuote
    const end = inQuotes ? close + 1 : cellEnd(buffer, at, options.crEnds)
    const stop = lineEnd(buffer, end, options)
    if (stop === 'more') return more
    if (stop === undefined && buffer[end] !== comma) return afterQuote
    const last = inQuotes ? close : trimCr(buffer, at, end, stop)
    bounds.push(inQuotes ? at + 1 : at, last)
    quoted.push(inQuotes)
    if (!inQuotes && plain) plain = isPlain(buffer, at, last)
    if (stop !== undefined) {
      const textEnd = inQuotes ? end : last
      return { kind: 'record', next: stop, bounds, quoted, end: textEnd, plain }
    }
    at = end + 1
    if (at >= buffer.length && !options.last) return more
  }
}

/** Offset of the closing quote, -1 where there is none. */
function closingQuote(
  buffer: Buffer,
  from: number,
  last: boolean,
): number | undefined {
  let at = from
  for (;;) {
    const found = buffer.indexOf(quote, at)
    if (found < 0) return last ? -1 : undefined
    if (found + 1 >= buffer.length && !last) return undefined
    if (buffer[found + 1] !== quote) return found
    at = found + 2
  }
}

/** Where an unquoted cell stops: a comma, a line end or the end. */
function cellEnd(buffer: Buffer, from: number, crEnds: boolean): number {
  for (let at = from; at < buffer.length; at += 1) {
    const byte = buffer[at]
    if (byte === comma || byte === lf || (crEnds && byte === cr)) return at
  }
  return buffer.length
}

/** Offset after the line end at `at`; undefined where there is none. */
function lineEnd(
  buffer: Buffer,
  at: number,
  options: ParseOptions,
): number | undefined | 'more' {
  if (at >= buffer.length) return options.last ? at : 'more'
  if (buffer[at] === lf) return at + 1
  if (buffer[at] !== cr) return undefined
  if (at + 1 >= buffer.length && !options.last) return 'more'
  if (buffer[at + 1] === lf) return at + 2
  return options.crEnds || at + 1 >= buffer.length ? at + 1 : undefined
}

/** The CR of a CRLF belongs to the line end, not to the last cell. */
function trimCr(
  buffer: Buffer,
  from: number,
  end: number,
  stop: number | undefined,
): number {
  const crlf = stop !== undefined && end > from && buffer[end - 1] === cr
  return crlf ? end - 1 : end
}

function isPlain(buffer: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    if (buffer[at] === quote || buffer[at] === cr) return false
  }
  return true
}

/** Text of a cell, its doubled quotes undone. */
export function cellText(
  buffer: Buffer,
  record: CsvRecord,
  cell: number,
): string {
  const from = record.bounds[cell * 2] ?? 0
  const text = buffer.toString('utf8', from, record.bounds[cell * 2 + 1])
  return record.quoted[cell] ? text.replaceAll('""', '"') : text
}

export function cellCount(record: CsvRecord): number {
  return record.quoted.length
}

/** The record with every cell in quotes and without its line end. */
export function requoted(buffer: Buffer, record: CsvRecord): Buffer {
  const cells = record.quoted.map((inQuotes, cell) => {
    const from = record.bounds[cell * 2] ?? 0
    const raw = buffer.toString('latin1', from, record.bounds[cell * 2 + 1])
    return inQuotes ? raw : raw.replaceAll('"', '""')
  })
  return Buffer.from(cells.map((cell) => `"${cell}"`).join(','), 'latin1')
}
