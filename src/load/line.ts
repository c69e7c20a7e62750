import type { DiskFile } from './disk.js'

export interface Line {
  readonly text: string
  /** Byte after the line and its line feed. */
  readonly end: number
  /** False for a last line without a line feed: a torn write. */
  readonly complete: boolean
}

const lineFeed = 0x0a
/** Small for the many small files, then as large as reading wants it. */
const firstBytes = 1 << 13
const mostBytes = 1 << 18

/**
 * Lines of a file, one block in memory at a time. Only LF ends a line:
 * node:readline would also split at U+2028, which JSON leaves as it is.
 */
export async function* readLines(
  file: Pick<DiskFile, 'read'>,
): AsyncGenerator<Line> {
  let rest: Buffer[] = []
  let position = 0
  let end = 0
  let blockBytes = firstBytes
  for (;;) {
    const block = Buffer.allocUnsafe(blockBytes)
    const { bytesRead } = await file.read(block, 0, blockBytes, position)
    blockBytes = Math.min(2 * blockBytes, mostBytes)
    if (bytesRead === 0) break
    position += bytesRead
    let start = 0
    for (;;) {
      const feed = block.subarray(0, bytesRead).indexOf(lineFeed, start)
      if (feed === -1) break
      rest.push(block.subarray(start, feed))
      const bytes = Buffer.concat(rest)
      rest = []
      start = feed + 1
      end += bytes.length + 1
      yield { text: bytes.toString('utf8'), end, complete: true }
    }
    if (start < bytesRead) rest.push(block.subarray(start, bytesRead))
  }
  const torn = Buffer.concat(rest)
  if (torn.length === 0) return
  yield {
    text: torn.toString('utf8'),
    end: end + torn.length,
    complete: false,
  }
}
