import { chunksOf } from './file.js'

const space = 0x20
const quote = 0x22
const comma = 0x2c

/** What may stand beside the spaces around a quoted cell. */
const borders = new Set([comma, 0x0a, 0x0d])

/** Bytes kept between chunks; a longer run of spaces counts as a border. */
const overlap = 64

/**
 * Whether DuckDB might read the file otherwise than it is written, without a
 * word: it drops spaces between a quote and its cell's border, and empty
 * cells too many at the end of a last line without line end. Such files are
 * read by us; a text that merely looks like it costs time, nothing else.
 */
export async function mayBeMisread(path: string): Promise<boolean> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunksOf(path)) {
    const buffer = Buffer.concat([rest, chunk])
    if (paddedBefore(buffer) || paddedAfter(buffer)) return true
    rest = Buffer.from(buffer.subarray(-overlap))
  }
  if (paddedAfter(Buffer.concat([rest, Buffer.from('\n')]))) return true
  const end = rest.at(-1)
  return end === quote || end === comma
}

function paddedBefore(buffer: Buffer): boolean {
  let at = buffer.indexOf(' "')
  while (at >= 0) {
    let from = at
    while (from >= 0 && buffer[from] === space) from -= 1
    // At the start of the bytes the run was seen whole, with those before.
    if (borders.has(buffer[from] ?? 0) || at - from > overlap / 2) return true
    at = buffer.indexOf(' "', at + 1)
  }
  return false
}

function paddedAfter(buffer: Buffer): boolean {
  let at = buffer.indexOf('" ')
  while (at >= 0) {
    let to = at + 1
    while (to < buffer.length && buffer[to] === space) to += 1
    if (borders.has(buffer[to] ?? 0) || to - at > overlap / 2) return true
    at = buffer.indexOf('" ', at + 1)
  }
  return false
}
