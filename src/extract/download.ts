import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open, rename } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { asError, asMachineError } from '../error.js'
import type { Marketo } from '../marketo/api.js'
import { chunksOf, fileHash, sizeOf } from './file.js'

export interface DownloadRequest {
  readonly exportId: string
  /** The file to make; only a whole one ever has this name. */
  readonly path: string
  /** What Marketo says of it; null where it says nothing. */
  readonly bytes: number | null
  readonly sha256: string | null
  readonly signal: AbortSignal
  /** Bytes on disk, each time some arrived. */
  readonly onBytes: (bytes: number) => void
}

/** The bytes are not those that Marketo announced. */
export class WrongBytes extends Error {}

/** Broken connections in a row without a byte between that end it. */
const mostStalls = 5
const stallSeconds = [1, 5, 15, 60]

/** What of the file is on disk, hashed as it came. */
interface Part {
  readonly path: string
  hash: Hash
  bytes: number
}

/**
 * Downloads a finished export. What an earlier attempt left in `.part` is
 * continued from the exact byte; where the server ignores that, it starts
 * over. Throws WrongBytes when size or SHA-256 disagree; `.part` stays.
 */
export async function download(
  marketo: Marketo,
  request: DownloadRequest,
): Promise<void> {
  const part = await openPart(request)
  let stalls = 0
  while (!isAll(request, part)) {
    const before = part.bytes
    const broken = await receive(marketo, request, part)
    if (broken === null && request.bytes === null) break
    stalls = part.bytes > before ? 0 : stalls + 1
    if (stalls >= mostStalls) throw broken ?? wrong('the file ends early')
    const seconds = stallSeconds[Math.min(stalls, 3)] ?? 60
    if (isAll(request, part)) break
    await marketo.clock.sleep(seconds * 1000, request.signal)
  }
  verify(request, part)
  // Not synced: a gigabyte would take seconds, and whoever finds the file
  // after a power cut asks `isDownloaded` before it is used.
  await rename(part.path, request.path)
}

/** Whether an earlier run left the whole file, with the bytes announced. */
export async function isDownloaded({
  path,
  bytes,
  sha256,
}: Pick<DownloadRequest, 'path' | 'bytes' | 'sha256'>): Promise<boolean> {
  const size = await sizeOf(path)
  if (size === null || (bytes !== null && size !== bytes)) return false
  return sha256 !== null && (await fileHash(path)) === sha256
}

function isAll({ bytes }: DownloadRequest, part: Part): boolean {
  return bytes !== null && part.bytes >= bytes
}

/** Without a known size nobody can tell what is missing: begin anew. */
async function openPart(request: DownloadRequest): Promise<Part> {
  const path = `${request.path}.part`
  const size = (await sizeOf(path)) ?? 0
  const hash = createHash('sha256')
  const isUsable = request.bytes !== null && size <= request.bytes
  if (!isUsable || size === 0) return { path, hash, bytes: 0 }
  for await (const chunk of chunksOf(path)) hash.update(chunk)
  return { path, hash, bytes: size }
}

/** Returns what broke the connection; null where the server was done. */
async function receive(
  marketo: Marketo,
  request: DownloadRequest,
  part: Part,
): Promise<Error | null> {
  const { exportId, bytes } = request
  const answer = await marketo.downloadExport(exportId, part.bytes)
  const isWhole = answer.total === null || bytes === null
  const isSame = isWhole || answer.total === bytes
  if (!isSame || (answer.from !== 0 && answer.from !== part.bytes)) {
    answer.body.destroy()
    throw wrong(`${answer.total} bytes from byte ${answer.from} are offered`)
  }
  if (answer.from === 0) {
    part.hash = createHash('sha256')
    part.bytes = 0
  }
  return await write(answer.body, part, request)
}

async function write(
  body: Readable,
  part: Part,
  request: DownloadRequest,
): Promise<Error | null> {
  const handle = await open(part.path, part.bytes === 0 ? 'w' : 'a', 0o600)
  const stop = () => body.destroy()
  request.signal.addEventListener('abort', stop, { once: true })
  const batch = new Batch(handle)
  try {
    const broken = await fill(batch, received(body), part, request)
    await batch.flush()
    request.signal.throwIfAborted()
    return broken
  } catch (error) {
    request.signal.throwIfAborted()
    throw asMachineError(error, `Writing ${part.path}`)
  } finally {
    request.signal.removeEventListener('abort', stop)
    body.destroy()
    await handle.close()
  }
}

/** Returns what broke the connection; what came before it counts. */
async function fill(
  batch: Batch,
  chunks: AsyncIterable<Buffer>,
  part: Part,
  { onBytes, signal }: DownloadRequest,
): Promise<Error | null> {
  try {
    for await (const chunk of chunks) {
      await batch.add(chunk)
      part.hash.update(chunk)
      part.bytes += chunk.length
      onBytes(part.bytes)
    }
    return null
  } catch (error) {
    if (error instanceof Broken) return error.reason
    // A stop ends the stream too; what came is worth keeping.
    if (signal.aborted) return null
    throw error
  }
}

const batchBytes = 1024 * 1024

/** Writes a megabyte at a time: chunks of the network are small. */
class Batch {
  readonly #handle: FileHandle
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async add(chunk: Buffer): Promise<void> {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes >= batchBytes) await this.flush()
  }

  async flush(): Promise<void> {
    const chunks = this.#chunks
    this.#chunks = []
    this.#bytes = 0
    if (chunks.length > 0) await this.#handle.appendFile(Buffer.concat(chunks))
  }
}

function verify(request: DownloadRequest, part: Part): void {
  const { bytes, sha256 } = request
  if (bytes !== null && part.bytes !== bytes) {
    throw wrong(`${part.bytes} bytes instead of ${bytes}`)
  }
  if (sha256 !== null && part.hash.digest('hex') !== sha256) {
    throw wrong('another SHA-256')
  }
}

function wrong(how: string): WrongBytes {
  return new WrongBytes(how)
}

/** Tells errors of the connection from those of the disk. */
class Broken extends Error {
  readonly reason: Error

  constructor(reason: Error) {
    super(reason.message)
    this.reason = reason
  }
}

async function* received(body: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError('not a byte stream')
      yield chunk
    }
  } catch (error) {
    throw new Broken(asError(error))
  }
}
