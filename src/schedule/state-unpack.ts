/** The files of a state file, as they come out of its encryption. */
import { createHash } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Manifest } from './state-file.js'

export interface Entry {
  /** Empty: the manifest, which is the last. */
  readonly path: string
  readonly size: number
}

const longestHeader = 10_000
const longestManifest = 50_000_000

/** Writes the files below a folder; each must be as the manifest says. */
export async function unpack(
  chunks: AsyncIterable<Buffer>,
  folder: string,
): Promise<Manifest> {
  const reader = new Reader(chunks)
  const found = new Map<string, string>()
  for (;;) {
    const length = (await reader.take(4)).readUInt32BE()
    if (length > longestHeader) throw new Error('A header is too long.')
    const entry = entryOf(await reader.take(length))
    if (entry.path === '') {
      if (entry.size > longestManifest) throw new Error('Too many files.')
      const manifest = manifestOf(await reader.take(entry.size))
      await reader.end()
      check(manifest, found)
      return manifest
    }
    const sha256 = await write(reader, entry, join(folder, entry.path))
    found.set(entry.path, `${entry.size} ${sha256}`)
  }
}

function check(manifest: Manifest, found: ReadonlyMap<string, string>): void {
  const isWhole =
    manifest.files.length === found.size &&
    manifest.files.every(
      ({ path, size, sha256 }) => found.get(path) === `${size} ${sha256}`,
    )
  if (!isWhole) throw new Error('The files are not those of the manifest.')
}

async function write(
  reader: Reader,
  { size }: Entry,
  file: string,
): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const hash = createHash('sha256')
  const handle = await open(file, 'wx', 0o600)
  try {
    for (let left = size; left > 0; ) {
      const part = await reader.some(left)
      hash.update(part)
      await handle.writeFile(part)
      left -= part.length
    }
  } finally {
    await handle.close()
  }
  return hash.digest('hex')
}

function entryOf(text: Buffer): Entry {
  const value: unknown = JSON.parse(text.toString())
  if (typeof value !== 'object' || value === null) throw new Error('No entry.')
  const path = 'path' in value ? value.path : null
  const size = 'size' in value ? value.size : null
  if (typeof path !== 'string' || typeof size !== 'number') {
    throw new Error('An entry is no file.')
  }
  const isEntry = Number.isSafeInteger(size) && size >= 0
  if (!isEntry || !isInside(path)) throw new Error('An entry is no file.')
  return { path, size }
}

/** Of our own making are plain relative paths only. */
function isInside(path: string): boolean {
  const parts = path.split('/')
  if (path === '') return true
  return parts.every(
    (part) => /^[^\\\0]+$/.test(part) && !/^\.{1,2}$/.test(part),
  )
}

function manifestOf(text: Buffer): Manifest {
  const value: unknown = JSON.parse(text.toString())
  if (!isManifest(value)) throw new Error('There is no manifest.')
  return value
}

/** This program made it; the seal is checked before it is believed. */
function isManifest(value: unknown): value is Manifest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'files' in value &&
    Array.isArray(value.files)
  )
}

/** Bytes in pieces of a wanted size. */
class Reader {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** At least one byte, and at most `size`. */
  async some(size: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next()
      if (next.done === true) throw new Error('The file ends too early.')
      this.#rest = next.value
    }
    const part = this.#rest.subarray(0, size)
    this.#rest = this.#rest.subarray(part.length)
    return part
  }

  async take(size: number): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let left = size; left > 0; ) {
      const part = await this.some(left)
      parts.push(part)
      left -= part.length
    }
    return Buffer.concat(parts)
  }

  /** Nothing may follow; only here is the seal of the whole checked. */
  async end(): Promise<void> {
    const next = await this.#chunks.next()
    if (this.#rest.length > 0 || next.done !== true) {
      throw new Error('Something follows the manifest.')
    }
  }
}
