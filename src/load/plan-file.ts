import { createHash } from 'node:crypto'
import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { asError, asMachineError } from '../error.js'
import { canonicalJson, parsed } from './canonical.js'
import { privateFolder, syncFolder } from '../durable.js'
import { type Disk, type DiskFile, machineDisk } from './disk.js'
import { readLines } from './line.js'
import type { PlanHeader, PlanRow } from './plan.js'
import { altered, missing } from './plan-refusal.js'

/** How many digits of a plan's hash name its files. */
const nameDigits = 12

export function planName(hash: string): string {
  return hash.slice(0, nameDigits)
}

const flushBytes = 1 << 18

/**
 * Writes a plan row by row: the rows first, because the header counts them,
 * then both together under the plan's name.
 */
export class PlanWriter {
  readonly #folder: string
  readonly #rowsPath: string
  readonly #rows: FileHandle
  readonly #hash = createHash('sha256')
  #buffer: string[] = []
  #buffered = 0

  private constructor(folder: string, rowsPath: string, rows: FileHandle) {
    this.#folder = folder
    this.#rowsPath = rowsPath
    this.#rows = rows
  }

  /** @param folder where plans are kept */
  static async create(folder: string): Promise<PlanWriter> {
    try {
      await privateFolder(folder)
      await sweep(folder)
      const path = join(folder, `rows.${process.pid}.tmp`)
      return new PlanWriter(folder, path, await open(path, 'w+', 0o600))
    } catch (error) {
      throw asMachineError(error, `Writing a plan in ${folder}`)
    }
  }

  async add(row: PlanRow): Promise<void> {
    const line = `${canonicalJson(row)}\n`
    this.#buffer.push(line)
    this.#buffered += line.length
    if (this.#buffered >= flushBytes) await this.#flush()
  }

  /** The hash covers the rows and the header without the hash. */
  async finish(
    header: Omit<PlanHeader, 'hash'>,
  ): Promise<{ header: PlanHeader; path: string }> {
    await this.#flush()
    const hash = this.#hash.update(canonicalJson(header)).digest('hex')
    const complete: PlanHeader = { ...header, hash }
    const path = join(this.#folder, `${planName(hash)}.jsonl`)
    const temporary = join(this.#folder, `${planName(hash)}.${process.pid}.tmp`)
    try {
      await this.#assemble(temporary, complete)
      await rename(temporary, path)
      await syncFolder(this.#folder)
    } catch (error) {
      await rm(temporary, { force: true })
      throw asMachineError(error, `Writing the plan ${path}`)
    }
    await this.discard()
    return { header: complete, path }
  }

  /** Removes what is half-written; harmless after `finish`. */
  async discard(): Promise<void> {
    await this.#rows.close()
    await rm(this.#rowsPath, { force: true })
  }

  async #flush(): Promise<void> {
    const text = this.#buffer.join('')
    this.#buffer = []
    this.#buffered = 0
    this.#hash.update(text)
    try {
      await this.#rows.appendFile(text, 'utf8')
    } catch (error) {
      throw asMachineError(error, `Writing ${this.#rowsPath}`)
    }
  }

  async #assemble(path: string, header: PlanHeader): Promise<void> {
    const file = await open(path, 'w', 0o600)
    try {
      await file.appendFile(`${canonicalJson(header)}\n`)
      const block = Buffer.allocUnsafe(flushBytes)
      let position = 0
      for (;;) {
        const { bytesRead } = await this.#rows.read(
          block,
          0,
          flushBytes,
          position,
        )
        if (bytesRead === 0) break
        position += bytesRead
        await file.appendFile(block.subarray(0, bytesRead))
      }
      await file.sync()
    } finally {
      await file.close()
    }
  }
}

/** What a process that died left half-written holds values of leads. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true })
  }
}

export interface OpenPlan {
  readonly header: PlanHeader
  readonly path: string
  /** Streams the rows; may be called again. */
  rows(): AsyncGenerator<PlanRow>
  close(): Promise<void>
}

/**
 * Opens a plan and checks its bytes against its hash. Throws PipelineError
 * `plan_altered` (exit 8) or `plan_missing` (exit 3).
 */
export async function openPlan(
  path: string,
  disk: Disk = machineDisk,
): Promise<OpenPlan> {
  const file = await disk.open(path, 'r').catch((error: unknown) => {
    throw missing(path, error)
  })
  try {
    const header = await verify(file, path)
    return {
      header,
      path,
      rows: () => planRows(file, path),
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw asError(error)
  }
}

/** What a plan says of itself, unchecked; null where the file is no plan. */
export async function planHeader(path: string): Promise<PlanHeader | null> {
  const file = await open(path, 'r')
  try {
    for await (const { text } of readLines(file)) {
      return parsedHeader(text, path)
    }
    return null
  } catch {
    return null
  } finally {
    await file.close()
  }
}

async function verify(file: DiskFile, path: string): Promise<PlanHeader> {
  const hash = createHash('sha256')
  let header: PlanHeader | null = null
  for await (const { text, complete } of readLines(file)) {
    if (!complete) throw altered(path)
    if (header === null) header = parsedHeader(text, path)
    else hash.update(`${text}\n`)
  }
  if (header === null) throw altered(path)
  const { hash: claimed, ...rest } = header
  if (hash.update(canonicalJson(rest)).digest('hex') !== claimed) {
    throw altered(path)
  }
  return header
}

/** Also refuses a header that says the same in other bytes. */
function parsedHeader(text: string, path: string): PlanHeader {
  const header = parsed(text, isHeader)
  if (header === null || canonicalJson(header) !== text) throw altered(path)
  return header
}

function isHeader(value: object): value is PlanHeader {
  return 'hash' in value && 'version' in value && value.version === 1
}

/** The hash over all lines has shown that they are as we wrote them. */
function isRow(value: object): value is PlanRow {
  return 'row' in value && 'kind' in value
}

async function* planRows(
  file: DiskFile,
  path: string,
): AsyncGenerator<PlanRow> {
  let isFirst = true
  for await (const { text } of readLines(file)) {
    const row = isFirst ? null : parsed(text, isRow)
    if (row !== null) yield row
    else if (!isFirst) throw altered(path)
    isFirst = false
  }
}
