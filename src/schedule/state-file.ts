/**
 * A pipeline's private folder as one encrypted file, for machines that lose
 * their disk after each run. It holds leads, so it is never written open.
 *
 * Layout: `PLSTATE1`, 16 bytes of salt, 12 of nonce, the encrypted rest, 16
 * bytes that prove that nothing was changed (AES-256-GCM; the key by scrypt).
 * The rest is gzip of files, each behind a JSON header, and a manifest.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  randomBytes,
  scryptSync,
} from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { appendFile, open, readdir, rm, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline as flow } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { finishFile } from '../durable.js'
import { badInput, exitCode, PipelineError } from '../error.js'
import { type Entry, unpack } from './state-unpack.js'

const magic = Buffer.from('PLSTATE1')
const saltBytes = 16
const nonceBytes = 12
const tagBytes = 16
const headBytes = magic.length + saltBytes + nonceBytes

export interface Manifest {
  readonly pipeline: string
  readonly saved_at: string
  readonly tool_version: string
  readonly files: readonly {
    readonly path: string
    readonly size: number
    readonly sha256: string
  }[]
}

/** Rebuilt or only of use while a run goes on. */
const leftOut = /^(temp|target)(\/|$)|^lock\.duckdb|\.tmp$|\.stop$|^launch-/

/** Files of a folder, sorted, as paths with `/`. */
export async function stateFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .map((path) => path.split(sep).join('/'))
    .filter((path) => !leftOut.test(path))
    .toSorted()
}

/** Writes the state file, whole or not at all. */
export async function saveState(
  file: string,
  sources: readonly { readonly path: string; readonly from: string }[],
  facts: Pick<Manifest, 'pipeline' | 'saved_at' | 'tool_version'> & {
    readonly secret: string
  },
): Promise<Manifest> {
  const { secret, ...about } = facts
  const salt = randomBytes(saltBytes)
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, salt), nonce)
  cipher.setAAD(Buffer.from(about.pipeline))
  const made: { manifest?: Manifest } = {}
  const temporary = `${file}.tmp`
  try {
    const head = Buffer.concat([magic, salt, nonce])
    await rm(temporary, { force: true })
    await appendFile(temporary, head, { mode: 0o600 })
    await flow(
      Readable.from(packed(sources, about, made)),
      createGzip({ level: 1 }),
      cipher,
      createWriteStream(temporary, { flags: 'a' }),
    )
    await appendFile(temporary, cipher.getAuthTag())
    await finishFile(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  if (made.manifest === undefined) throw new Error('No manifest was written.')
  return made.manifest
}

async function* packed(
  sources: readonly { readonly path: string; readonly from: string }[],
  about: Omit<Manifest, 'files'>,
  made: { manifest?: Manifest },
): AsyncGenerator<Buffer> {
  const files: { path: string; size: number; sha256: string }[] = []
  for (const { path, from } of sources) {
    const { size } = await stat(from)
    yield header({ path, size })
    const hash = createHash('sha256')
    if (size > 0) {
      // Not more than was stated: a log may have grown meanwhile.
      const stream: AsyncIterable<Buffer> = createReadStream(from, {
        end: size - 1,
      })
      for await (const bytes of stream) {
        hash.update(bytes)
        yield bytes
      }
    }
    files.push({ path, size, sha256: hash.digest('hex') })
  }
  made.manifest = { ...about, files }
  const text = Buffer.from(JSON.stringify(made.manifest))
  yield header({ path: '', size: text.length })
  yield text
}

function header(entry: Entry): Buffer {
  const text = Buffer.from(JSON.stringify(entry))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, text])
}

/**
 * Unpacks a state file into an empty folder. Throws (exit 8) where it is
 * damaged, of another pipeline, or the key is another one; what was unpacked
 * until then is for the caller to remove.
 */
export async function restoreState(
  file: string,
  folder: string,
  { pipeline, secret }: { pipeline: string; secret: string },
): Promise<Manifest> {
  const { size } = await stat(file)
  if (size < headBytes + tagBytes) throw refused(pipeline)
  const handle = await open(file, 'r')
  const head = Buffer.alloc(headBytes)
  const tag = Buffer.alloc(tagBytes)
  try {
    await handle.read(head, 0, headBytes, 0)
    await handle.read(tag, 0, tagBytes, size - tagBytes)
  } finally {
    await handle.close()
  }
  if (!head.subarray(0, magic.length).equals(magic)) throw refused(pipeline)
  const salt = head.subarray(magic.length, magic.length + saltBytes)
  const nonce = head.subarray(magic.length + saltBytes)
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret, salt), nonce)
  decipher.setAAD(Buffer.from(pipeline))
  decipher.setAuthTag(tag)
  const end = size - tagBytes - 1
  try {
    return await flow(
      createReadStream(file, { start: headBytes, end }),
      decipher,
      createGunzip(),
      (chunks: AsyncIterable<Buffer>) => unpack(chunks, folder),
    )
  } catch (error) {
    const isMachine =
      error instanceof Error &&
      'code' in error &&
      /^(ENOSPC|EDQUOT|EACCES|EROFS|EIO)$/.test(String(error.code))
    throw isMachine ? error : refused(pipeline)
  }
}

function refused(pipeline: string): PipelineError {
  return new PipelineError(
    'state_refused',
    `The kept state is not one of ${pipeline} under this key, or it is damaged, so nothing of it was taken. A run without it is safe: it exports again and asks Marketo how things are.`,
    { exit: exitCode.planRefused },
  )
}

const shortest = 16

function keyOf(secret: string, salt: Buffer): Buffer {
  if (secret.length < shortest) {
    throw badInput(
      'state_key',
      `PIPELINE_STATE_KEY must have at least ${shortest} characters; make one with: openssl rand -base64 32`,
    )
  }
  return scryptSync(secret, salt, 32)
}
