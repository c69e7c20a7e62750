import { isUtf8 } from 'node:buffer'
import { chunksOf } from './file.js'

/** What a CSV file holds by its bytes alone; lines count from 1. */
export interface CsvScan {
  /** null for a file without a byte. */
  readonly header: readonly string[] | null
  /** Records after the header; empty lines are none. */
  readonly records: number
  /** The first place that is not CSV. */
  readonly fault: CsvFault | null
  /** Where the wanted record begins; null where it was not reached. */
  readonly wantedLine: number | null
}

export interface CsvFault {
  readonly line: number
  /** Follows the place in a sentence. */
  readonly reason: string
}

const lf = 0x0a
const cr = 0x0d
const quote = 0x22
const byteOrderMark = Buffer.from('\uFEFF')

/** `closed`: after a quote in a quoted cell; its end, or half of two. */
type State = 'cell' | 'plain' | 'quoted' | 'closed'

const lineEnds = new Map([
  [lf, 'LF'],
  [cr, 'CR'],
  [lf + cr, 'CRLF'],
])

/** Reads records byte by byte and stops at the first fault. */
class Scanner {
  header: string[] | null = null
  records = 0
  fault: CsvFault | null = null
  wantedLine: number | null = null
  readonly #delimiter: number
  readonly #wanted: number
  #state: State = 'cell'
  #line = 1
  #recordLine = 1
  #quoteLine = 1
  #cells = 1
  #bytes = 0
  #lineEnd = 0
  #sawCr = false
  #name: number[] = []
  #names: string[] = []

  constructor(delimiter: string, wanted: number) {
    this.#delimiter = delimiter.charCodeAt(0)
    this.#wanted = wanted
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at += 1) {
      at = this.#skipPlain(chunk, at)
      const byte = chunk[at]
      if (byte === undefined) return
      if (this.#sawCr) {
        this.#sawCr = false
        this.#endLine(byte === lf ? lf + cr : cr)
        if (byte === lf) continue
      }
      this.#byte(byte)
      if (this.fault !== null) return
    }
  }

  /** Past bytes that are only text; most of a file is. */
  #skipPlain(chunk: Buffer, from: number): number {
    if (this.#sawCr || this.header === null) return from
    const isQuoted = this.#state === 'quoted'
    if (!isQuoted && this.#state !== 'plain') return from
    let at = from
    if (isQuoted) {
      while (at < chunk.length && chunk[at] !== quote && chunk[at] !== lf)
        at += 1
    } else {
      const delimiter = this.#delimiter
      for (; at < chunk.length; at += 1) {
        const byte = chunk[at]
        if (byte === delimiter || byte === lf || byte === cr) break
      }
    }
    this.#bytes += at - from
    return at
  }

  end(): void {
    if (this.#sawCr) this.#endLine(cr)
    if (this.#state === 'quoted') {
      this.#fail('a quote opens here and is never closed', this.#quoteLine)
    }
    if (this.#bytes > 0 && this.fault === null) this.#endRecord()
  }

  #byte(byte: number): void {
    if (this.#state === 'quoted') {
      if (byte === lf) this.#line += 1
      if (byte === quote) this.#state = 'closed'
      else this.#keep(byte)
      this.#bytes += 1
      return
    }
    if (byte === cr) {
      this.#sawCr = true
      return
    }
    if (byte === lf) {
      this.#endLine(lf)
      return
    }
    this.#bytes += 1
    if (byte === this.#delimiter) this.#endCell()
    else if (this.#state === 'closed') this.#afterQuote(byte)
    else if (byte === quote && this.#state === 'cell') {
      this.#state = 'quoted'
      this.#quoteLine = this.#line
    } else {
      this.#state = 'plain'
      this.#keep(byte)
    }
  }

  #afterQuote(byte: number): void {
    if (byte !== quote) {
      this.#fail('text follows a closing quote', this.#line)
      return
    }
    this.#state = 'quoted'
    this.#keep(byte)
  }

  #keep(byte: number): void {
    if (this.header === null) this.#name.push(byte)
  }

  #endCell(): void {
    this.#cells += 1
    this.#state = 'cell'
    this.#endName()
  }

  #endName(): void {
    if (this.header !== null) return
    this.#names.push(Buffer.from(this.#name).toString('utf8').trim())
    this.#name = []
  }

  #endLine(kind: number): void {
    if (this.#lineEnd === 0) this.#lineEnd = kind
    if (kind !== this.#lineEnd) {
      const here = lineEnds.get(kind) ?? ''
      const first = lineEnds.get(this.#lineEnd) ?? ''
      this.#fail(
        `the line ends with ${here} and the first one with ${first}; save the file with one kind of line end`,
        this.#line,
      )
      return
    }
    const isEmpty = this.#bytes === 0 && (this.header?.length ?? 2) > 1
    if (!isEmpty) this.#endRecord()
    this.#line += 1
    this.#recordLine = this.#line
  }

  #endRecord(): void {
    this.#endName()
    if (this.header === null) this.header = this.#names
    else this.#countRecord(this.header.length)
    this.#cells = 1
    this.#bytes = 0
    this.#state = 'cell'
  }

  #countRecord(wanted: number): void {
    this.records += 1
    if (this.records === this.#wanted) this.wantedLine = this.#recordLine
    if (this.#cells === wanted) return
    const reason = `it has ${this.#cells} cells and the header ${wanted}`
    this.#fail(reason, this.#recordLine)
  }

  #fail(reason: string, line: number): void {
    this.fault ??= { line, reason }
  }
}

/** Finds the first line that is not UTF-8. */
class TextCheck {
  #rest: Buffer = Buffer.alloc(0)
  #line = 1

  push(chunk: Buffer, isLast: boolean): CsvFault | null {
    const buffer = Buffer.concat([this.#rest, chunk])
    const lastEnd = Math.max(buffer.lastIndexOf(lf), buffer.lastIndexOf(cr))
    const end = isLast ? buffer.length : lastEnd + 1
    const whole = buffer.subarray(0, end)
    this.#rest = Buffer.from(buffer.subarray(end))
    if (!isUtf8(whole)) return this.#find(whole)
    for (let at = whole.indexOf(lf); at >= 0; at = whole.indexOf(lf, at + 1)) {
      this.#line += 1
    }
    return null
  }

  #find(buffer: Buffer): CsvFault {
    let line = this.#line
    let from = 0
    for (;;) {
      const next = buffer.indexOf(lf, from)
      const end = next < 0 ? buffer.length : next + 1
      if (!isUtf8(buffer.subarray(from, end)) || next < 0) break
      line += 1
      from = end
    }
    return { line, reason: 'it is not UTF-8 text; save the file as UTF-8' }
  }
}

/**
 * Looks a CSV file through, record by record, as RFC 4180 has it.
 * @param wanted number of a record, from 1, whose line to find
 */
export async function scanCsv(
  path: string,
  delimiter: string,
  wanted = 0,
): Promise<CsvScan> {
  const scanner = new Scanner(delimiter, wanted)
  const text = new TextCheck()
  let isFirst = true
  let fault: CsvFault | null = null
  for await (const chunk of chunksOf(path)) {
    const hasMark = isFirst && chunk.subarray(0, 3).equals(byteOrderMark)
    const bytes = hasMark ? chunk.subarray(3) : chunk
    isFirst = false
    fault = text.push(bytes, false)
    if (fault === null) scanner.push(bytes)
    fault ??= scanner.fault
    if (fault !== null || scanner.wantedLine !== null) break
  }
  fault ??= text.push(Buffer.alloc(0), true)
  if (fault === null && scanner.wantedLine === null) scanner.end()
  const { header, records, wantedLine } = scanner
  return { header, records, fault: fault ?? scanner.fault, wantedLine }
}
