import { createHash } from 'node:crypto'

/** The bytes of a finished file, at hand or made when they are asked for. */
export interface Contents {
  readonly size: number
  /** Bytes from `from` to before `to`. */
  read(from: number, to: number): Buffer
}

export interface Finished {
  readonly contents: Contents
  readonly sha256: string
}

export function ofBuffer(bytes: Buffer): Contents {
  return { size: bytes.length, read: (from, to) => bytes.subarray(from, to) }
}

/** A file kept in memory. */
export function keep(blocks: Iterable<Buffer>): Finished {
  const bytes = Buffer.concat([...blocks])
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { contents: ofBuffer(bytes), sha256 }
}

/**
 * A file of which only the places of its blocks are kept: one pass finds its
 * size and digest, and each block is rendered again when it is read.
 */
export function renderAgain(
  count: number,
  render: (block: number) => Buffer,
): Finished {
  const hash = createHash('sha256')
  const starts = new Float64Array(count + 1)
  for (let block = 0; block < count; block++) {
    const bytes = render(block)
    hash.update(bytes)
    starts[block + 1] = (starts[block] ?? 0) + bytes.length
  }
  const contents = new Rendered(starts, render)
  return { contents, sha256: hash.digest('hex') }
}

class Rendered implements Contents {
  readonly size: number
  readonly #starts: Float64Array
  readonly #render: (block: number) => Buffer
  /** The block read last: a download asks for it piece by piece. */
  #last: { block: number; bytes: Buffer } | null = null

  constructor(starts: Float64Array, render: (block: number) => Buffer) {
    this.size = starts.at(-1) ?? 0
    this.#starts = starts
    this.#render = render
  }

  read(from: number, to: number): Buffer {
    const end = Math.min(to, this.size)
    const pieces: Buffer[] = []
    let at = from
    for (let block = this.#blockAt(from); at < end; block++) {
      const start = this.#starts[block] ?? 0
      const bytes = this.#bytes(block).subarray(at - start, end - start)
      pieces.push(bytes)
      at += bytes.length
    }
    return Buffer.concat(pieces)
  }

  #blockAt(position: number): number {
    let [low, high] = [0, this.#starts.length - 2]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= position) low = middle
      else high = middle - 1
    }
    return low
  }

  #bytes(block: number): Buffer {
    if (this.#last?.block !== block) {
      this.#last = { block, bytes: this.#render(block) }
    }
    return this.#last.bytes
  }
}
