import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { badInput } from '../error.js'
import type { Change } from './change.js'
import { isRecord, parseJson, textOf } from './json.js'

/** What a state file was made from; another source is refused. */
export interface Origin {
  readonly source: string
  readonly seed: number
}

interface Header extends Origin {
  readonly format: 1
  /** Operations up to this number are in the snapshot. */
  readonly sequence: number
}

/**
 * The world on disk: a snapshot and a log of operations after it, one JSON
 * line each. A line is written before the response that it causes, so a
 * killed process loses nothing it answered for; a torn last line is dropped.
 */
export class StateFile {
  readonly #path: string
  #log: number | null = null
  #sequence = 0
  #size = 0

  constructor(path: string) {
    this.#path = path
  }

  get exists(): boolean {
    return existsSync(this.#path)
  }

  /** Folder of the finished export files. */
  get exportFolder(): string {
    return `${this.#path}.export`
  }

  /** Feeds every change since the beginning and tells the origin. */
  async read(apply: (change: Change) => void): Promise<Origin> {
    let header: Header | null = null
    for await (const line of completeLines(this.#path)) {
      if (header === null) header = parseHeader(line, this.#path)
      else apply(parseChange(parsed(line, this.#path), this.#path))
    }
    if (header === null) throw damaged(this.#path)
    this.#sequence = header.sequence
    if (existsSync(this.#logPath)) await this.#replay(apply)
    return header
  }

  async #replay(apply: (change: Change) => void): Promise<void> {
    for await (const line of completeLines(this.#logPath)) {
      const [sequence, changes] = parseOperation(line, this.#logPath)
      // A crash between the new snapshot and the new log leaves old lines.
      if (sequence <= this.#sequence) continue
      this.#sequence = sequence
      for (const change of changes) apply(change)
    }
  }

  /** Writes a new snapshot, then starts an empty log. */
  compact(origin: Origin, changes: Iterable<Change>): void {
    this.close()
    mkdirSync(dirname(this.#path), { recursive: true })
    const fresh = `${this.#path}.new`
    const file = openSync(fresh, 'w', 0o600)
    try {
      const header: Header = { format: 1, ...origin, sequence: this.#sequence }
      writeLines(file, [header], changes)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(fresh, this.#path)
    rmSync(this.#logPath, { force: true })
    this.#log = openSync(this.#logPath, 'a', 0o600)
    this.#size = 0
  }

  append(changes: readonly Change[]): void {
    if (this.#log === null) return
    const line = `${JSON.stringify([this.#sequence + 1, changes])}\n`
    try {
      writeSync(this.#log, line)
    } catch (error) {
      // A full disk: half a line must not stay before the next one.
      ftruncateSync(this.#log, this.#size)
      throw error
    }
    this.#sequence += 1
    this.#size += Buffer.byteLength(line)
  }

  close(): void {
    if (this.#log !== null) closeSync(this.#log)
    this.#log = null
  }

  get #logPath(): string {
    return `${this.#path}.log`
  }
}

function writeLines(
  file: number,
  header: readonly object[],
  changes: Iterable<Change>,
): void {
  let text = header.map((line) => `${JSON.stringify(line)}\n`).join('')
  for (const change of changes) {
    text += `${JSON.stringify(change)}\n`
    if (text.length < 1_000_000) continue
    writeSync(file, text)
    text = ''
  }
  writeSync(file, text)
}

/** Lines that end in a newline; what follows the last one was torn. */
async function* completeLines(path: string): AsyncGenerator<string> {
  // Not readline: it also splits at U+2028, which JSON leaves inside a
  // line.
  let rest = ''
  const stream = createReadStream(path, { encoding: 'utf8' })
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

function parsed(line: string, path: string): unknown {
  try {
    return parseJson(line)
  } catch {
    throw damaged(path)
  }
}

function isChange(line: unknown): line is Change {
  return isRecord(line) && typeof line['kind'] === 'string'
}

function parseChange(line: unknown, path: string): Change {
  if (!isChange(line)) throw damaged(path)
  return line
}

function parseOperation(line: string, path: string): [number, Change[]] {
  const given = parsed(line, path)
  if (!Array.isArray(given)) throw damaged(path)
  const operation: unknown[] = given
  const [sequence, changes] = operation
  if (typeof sequence !== 'number' || !Array.isArray(changes)) {
    throw damaged(path)
  }
  return [sequence, changes.map((change) => parseChange(change, path))]
}

function parseHeader(line: string, path: string): Header {
  const header = parsed(line, path)
  if (!isRecord(header) || header['format'] !== 1) throw damaged(path)
  return {
    format: 1,
    source: textOf(header['source']),
    seed: Number(header['seed']),
    sequence: Number(header['sequence']),
  }
}

function damaged(path: string): Error {
  return badInput(
    'sandbox_state',
    `The sandbox's state file ${path} cannot be read: it is damaged or of another version. Remove it together with ${path}.log to start a new world.`,
  )
}
