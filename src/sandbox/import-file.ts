import type { Call } from './call.js'
import { ApiError } from './reply.js'

/** The parts of a multipart form by name. */
export function formOf(call: Call): ReadonlyMap<string, string> {
  const type = call.headers['content-type'] ?? ''
  if (!/^multipart\/form-data/i.test(type)) {
    throw new ApiError('612', 'Invalid Content Type')
  }
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1]
  const sections =
    boundary === undefined ? [] : call.text.split(`--${boundary}`)
  // What stands before the first boundary, and after the last, is no part.
  if (sections.length < 3 || !sections.at(-1)?.startsWith('--')) {
    throw new ApiError('613', 'Invalid Multipart Content')
  }
  return new Map(sections.slice(1, -1).map(partOf))
}

function partOf(section: string): [string, string] {
  const match = /^\r\n([\s\S]*?)\r\n\r\n([\s\S]*)\r\n$/.exec(section)
  const [, head = '', content = ''] = match ?? []
  const name = /content-disposition:.*\bname="([^"]*)"/i.exec(head)?.[1]
  if (name === undefined) throw new ApiError('613', 'Invalid Multipart Content')
  return [name, content]
}

/**
 * Rows of cells of a delimited file: quotes around a cell may hold the
 * delimiter, line ends and doubled quotes; lines end in LF or CRLF.
 */
export function cellsOf(text: string, delimiter: string): string[][] {
  const plain = new RegExp(`[^"\\r\\n${delimiter}]+`, 'y')
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let at = 0
  const endRow = () => {
    row.push(cell)
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
    cell = ''
  }
  while (at < text.length) {
    const sign = text.charAt(at)
    if (sign === '"' && cell === '') {
      const quoted = quotedCell(text, at)
      cell = quoted.value
      at = quoted.end
    } else if (sign === delimiter) {
      row.push(cell)
      cell = ''
      at += 1
    } else if (sign === '\n' || text.startsWith('\r\n', at)) {
      endRow()
      at += sign === '\n' ? 1 : 2
    } else {
      plain.lastIndex = at
      const run = plain.exec(text)?.[0] ?? sign
      cell += run
      at += run.length
    }
  }
  if (cell !== '' || row.length > 0) endRow()
  return rows
}

/** A quoted cell that begins at `from`; without an end it takes the rest. */
function quotedCell(
  text: string,
  from: number,
): { value: string; end: number } {
  let value = ''
  let at = from + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote === -1) return { value: value + text.slice(at), end: text.length }
    value += text.slice(at, quote)
    if (text.charAt(quote + 1) !== '"') return { value, end: quote + 1 }
    value += '"'
    at = quote + 2
  }
}

export const delimiters = { csv: ',', tsv: '\t', ssv: ';' } as const
