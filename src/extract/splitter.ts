import { isUtf8 } from 'node:buffer'
import {
  type BadRecord,
  cellCount,
  cellText,
  type CsvRecord,
  parseRecord,
  requoted,
  type Unfinished,
} from './record.js'
import type { BadLine, BadStretch } from './reject.js'

/** What the records of a file look like. */
export interface Layout {
  readonly columns: number
  /** Index of the column that holds the lead's id. */
  readonly id: number
  /** The file has no LF: a CR alone ends its lines. */
  readonly crEnds: boolean
}

/**
 * Whom to believe where quotes and lines disagree. `quotes`: whatever stands
 * between two quotes is one cell. `lines`: a line inside of a cell that is a
 * whole record by itself is one, and the quote before it was never closed.
 */
export type Belief = 'quotes' | 'lines'

/** A longer record is a quote that was never closed. */
const longestRecord = 8 * 1024 * 1024
/** More than this is not a broken export but another kind of file. */
const mostStretches = 100_000
/** Characters kept of a bad line; a cell may hold 30,000 bytes. */
const longestBadLine = 256 * 1024

const lineFeed = Buffer.from('\n')

/** So much of a file is broken that it cannot be what it was taken for. */
export class NotCsv extends Error {}

interface Bad extends BadRecord {
  /** Where the bad record ends, null where only its line is known. */
  readonly next: number | null
}

/**
 * Takes a CSV file apart where the fast reading failed: records that hold
 * come out as clean CSV, the rest as bad stretches, and nothing is lost.
 */
export class Splitter {
  rows = 0
  readonly stretches: BadStretch[] = []
  readonly #layout: Layout
  readonly #belief: Belief
  readonly #lineByte: number
  #rest: Buffer = Buffer.alloc(0)
  #line = 1
  /** Where the buffer begins in the file. */
  #from = 0
  #header = true
  #open: { reason: string; lines: BadLine[] } | null = null
  #out: Buffer[] = []

  constructor(layout: Layout, belief: Belief) {
    this.#layout = layout
    this.#belief = belief
    this.#lineByte = layout.crEnds ? 0x0d : 0x0a
  }

  /** Takes the next bytes of the file; returns clean CSV. */
  push(chunk: Buffer, last: boolean): Buffer {
    const buffer = Buffer.concat([this.#rest, chunk])
    let at = 0
    while (at < buffer.length) {
      const next = this.#step(buffer, at, last)
      if (next === null) break
      this.#line += this.#lineEnds(buffer, at, next)
      at = next
    }
    this.#rest = buffer.subarray(at)
    this.#from += at
    if (last) this.#close()
    const out = Buffer.concat(this.#out)
    this.#out = []
    return out
  }

  /** Returns the offset of the next record, or null for want of bytes. */
  #step(buffer: Buffer, at: number, last: boolean): number | null {
    const cut = buffer.length - at > longestRecord
    const view = cut ? buffer.subarray(0, at + longestRecord) : buffer
    const found = this.#find(view, at, last || cut)
    if (found === null) return null
    if (found.kind === 'bad') return this.#bad(view, at, last || cut, found)
    if (found.end > at && !this.#header) this.#good(view, at, found)
    this.#header = false
    return found.next
  }

  #find(view: Buffer, at: number, last: boolean): CsvRecord | Bad | null {
    const { crEnds } = this.#layout
    const parsed = parseRecord(view, at, { last, crEnds })
    if (parsed.kind === 'more') return null
    if (this.#header) return asFound(parsed)
    const judged = this.#judge(view, at, parsed)
    if (judged.kind === 'record') return judged
    const divided = parseRecord(view, at, { last, crEnds: true })
    if (divided.kind !== 'record' || divided.end === at) return judged
    return this.#fault(view, at, divided) === null ? divided : judged
  }

  #judge(
    view: Buffer,
    at: number,
    found: Exclude<ReturnType<typeof parseRecord>, Unfinished>,
  ): CsvRecord | Bad {
    if (found.kind === 'bad' || found.end === at) return asFound(found)
    const reason = this.#fault(view, at, found)
    if (reason === null) return found
    const next = this.#belief === 'quotes' ? found.next : null
    return { kind: 'bad', reason, next }
  }

  #fault(view: Buffer, at: number, record: CsvRecord): string | null {
    const { columns, id } = this.#layout
    const cells = cellCount(record)
    if (cells !== columns) return `${cells} columns instead of ${columns}`
    if (!isId(cellText(view, record, id))) return 'the id is not a number'
    if (!isUtf8(view.subarray(at, record.end))) return 'not UTF-8'
    if (this.#belief === 'lines' && this.#hidesRecord(view, at, record)) {
      return 'a quote is never closed'
    }
    return null
  }

  /** Whether a later line of the record is a record by itself. */
  #hidesRecord(view: Buffer, at: number, record: CsvRecord): boolean {
    const { columns, id, crEnds } = this.#layout
    let from = view.indexOf(this.#lineByte, at) + 1
    while (from > 0 && from < record.end) {
      const inner = parseRecord(view, from, { last: true, crEnds })
      if (inner.kind === 'record' && cellCount(inner) === columns) {
        if (isId(cellText(view, inner, id))) return true
      }
      from = view.indexOf(this.#lineByte, from) + 1
    }
    return false
  }

  #good(view: Buffer, at: number, record: CsvRecord): void {
    this.#close()
    this.rows += 1
    const plain = record.plain
    this.#out.push(
      plain ? view.subarray(at, record.end) : requoted(view, record),
      lineFeed,
    )
  }

  /** Sets aside a whole record, or one line of what is none. */
  #bad(view: Buffer, at: number, last: boolean, bad: Bad): number | null {
    const lineEnd = view.indexOf(this.#lineByte, at) + 1
    if (bad.next === null && lineEnd === 0 && !last) return null
    const end = bad.next ?? (lineEnd === 0 ? view.length : lineEnd)
    const lines = this.#badLines(view.subarray(at, end), this.#from + at)
    // A record that begins like one is a row of its own; other lines may be
    // the rest of the row before them.
    const isOwn = bad.next !== null && lines[0]?.starts === true
    if (isOwn) this.#close()
    this.#open ??= { reason: bad.reason, lines: [] }
    this.#open.lines.push(...lines)
    if (isOwn) this.#close()
    return end
  }

  #badLines(bytes: Buffer, from: number): BadLine[] {
    return spans(bytes).flatMap(([start, end], index) => {
      if (start === end) return []
      const text = bytes.toString('utf8', start, end)
      const kept = text.slice(0, longestBadLine)
      const starts = this.#startsRecord(text)
      const [line, offset] = [this.#line + index, from + start]
      return [{ line, offset, text: kept, starts }]
    })
  }

  #startsRecord(text: string): boolean {
    const cell = text.split(',', this.#layout.id + 1)[this.#layout.id] ?? ''
    return isId(cell.replace(/^"(.*)"$/, '$1'))
  }

  #lineEnds(buffer: Buffer, from: number, to: number): number {
    let count = 0
    let at = buffer.indexOf(this.#lineByte, from)
    while (at >= 0 && at < to) {
      count += 1
      at = buffer.indexOf(this.#lineByte, at + 1)
    }
    return count
  }

  #close(): void {
    const stretch = this.#open
    this.#open = null
    if (stretch === null || stretch.lines.length === 0) return
    this.stretches.push(stretch)
    if (this.stretches.length > mostStretches) throw new NotCsv()
  }
}

function asFound(found: CsvRecord | BadRecord): CsvRecord | Bad {
  return found.kind === 'bad' ? { ...found, next: null } : found
}

function isId(text: string): boolean {
  return /^\d+$/.test(text)
}

/** Start and end of each line, whatever ends it: CRLF, LF or CR. */
function spans(bytes: Buffer): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = []
  let start = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte !== 0x0a && byte !== 0x0d) continue
    found.push([start, at])
    if (byte === 0x0d && bytes[at + 1] === 0x0a) at += 1
    start = at + 1
  }
  found.push([start, bytes.length])
  return found
}
