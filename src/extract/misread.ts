import { type FileHandle, open } from 'node:fs/promises'
import { chunkBytes } from './file.js'

const space = 0x20
const quote = 0x22
const comma = 0x2c

/** Bytes kept between chunks; a longer run is taken for a border. */
const overlap = 256
const longestRun = overlap / 4

/**
 * Whether DuckDB might read the file otherwise than it is written, without a
 * word: it drops spaces between a quote and its cell's border, and empty
 * cells too many at the end of a last line without line end. Such files are
 * read by us; a text that merely looks like it costs time, nothing else.
 */
export async function mayBeMisread(path: string): Promise<boolean> {
  const handle = await open(path, 'r')
  try {
    return await isDoubtful(handle)
  } finally {
    await handle.close()
  }
}

/** Through one buffer, whose beginning keeps the end of what was before. */
async function isDoubtful(handle: FileHandle): Promise<boolean> {
  const buffer = Buffer.allocUnsafe(overlap + chunkBytes)
  let [kept, isStart] = [0, true]
  for (;;) {
    const { bytesRead } = await handle.read(buffer, kept, chunkBytes)
    const seen = buffer.subarray(0, kept + bytesRead)
    if (bytesRead === 0) return isDoubtfulEnd(seen, isStart)
    if (isPadded(seen, isStart)) return true
    isStart = seen.length <= overlap
    kept = Math.min(overlap, seen.length)
    buffer.copyWithin(0, seen.length - kept, seen.length)
  }
}

function isDoubtfulEnd(rest: Buffer, isStart: boolean): boolean {
  const end = rest.at(-1)
  if (end === quote || end === comma) return true
  return isPadded(Buffer.concat([rest, Buffer.from('\n')]), isStart)
}

function isPadded(buffer: Buffer, isStart: boolean): boolean {
  return padded(buffer, ' "', isStart) || padded(buffer, '" ', isStart)
}

/**
 * Whether spaces stand between a cell's border and a quote that opens it
 * (` "`) or closes it (`" `). Quotes within a cell are doubled, so an even
 * run of them beside a text does neither.
 */
function padded(buffer: Buffer, pair: ' "' | '" ', isStart: boolean): boolean {
  const [left, right] = pair === ' "' ? [space, quote] : [quote, space]
  let at = buffer.indexOf(pair)
  while (at >= 0) {
    let from = at
    while (from >= 0 && buffer[from] === left) from -= 1
    let to = at + 1
    while (buffer[to] === right) to += 1
    if (at - from > longestRun || to - at > longestRun) return true
    // What touches an end of the bytes is seen whole with those beyond it.
    const isWhole = (from >= 0 || isStart) && to < buffer.length
    const [before, after] = [isBorder(buffer[from]), isBorder(buffer[to])]
    const quotes = pair === ' "' ? to - at - 1 : at - from
    const [border, text] = pair === ' "' ? [before, !after] : [after, !before]
    if (isWhole && border && !(quotes % 2 === 0 && text)) return true
    at = buffer.indexOf(pair, to)
  }
  return false
}

/** Where cells end; before the first byte of a file one begins. */
function isBorder(byte: number | undefined): boolean {
  return byte === undefined || byte === comma || byte === 0x0a || byte === 0x0d
}
