import { exitCode, PipelineError } from '../error.js'
import { canonicalJson, digest, parsed } from './canonical.js'
import { AppendFile } from './append-file.js'
import { type Disk, type DiskFile, machineDisk } from './disk.js'
import { type JournalEntry, JournalState } from './journal-state.js'
import { readLines } from './line.js'

/** Stands before the first line. */
const origin = '0'.repeat(64)

interface Chain {
  readonly state: JournalState
  seq: number
  hash: string
  /** Bytes of whole lines. */
  end: number
  /** A crash left half a line after them. */
  isTorn: boolean
  /** Hash of the line that was asked for. */
  watched: string | null
}

interface JournalOptions {
  readonly disk?: Disk
  /** Throws where somebody else writes this journal by now. */
  readonly mayWrite?: () => Promise<void>
  /** A line that it once had, as lines up to it and its hash. */
  readonly mark?: { readonly lines: number; readonly head: string } | null
}

async function always(): Promise<void> {}

/**
 * What is about to be sent and what became of it: append-only, every line
 * chained to the one before by its hash. Holds ids and hashes, no values.
 */
export class Journal {
  readonly #file: AppendFile
  readonly #chain: Chain
  /** Whether the line of the mark is in it; else it is an older copy. */
  readonly holdsMark: boolean
  readonly #mayWrite: () => Promise<void>

  private constructor(
    file: AppendFile,
    chain: Chain,
    { mayWrite, holds }: { mayWrite: () => Promise<void>; holds: boolean },
  ) {
    this.#file = file
    this.#chain = chain
    this.#mayWrite = mayWrite
    this.holdsMark = holds
  }

  /**
   * Opens or begins a journal. A last line that a crash tore off is dropped;
   * any other damage throws PipelineError `journal_damaged` (exit 8).
   */
  static async open(
    path: string,
    options: JournalOptions = {},
  ): Promise<Journal> {
    const { disk = machineDisk, mayWrite = always, mark = null } = options
    const file = await AppendFile.open(path, disk)
    try {
      const chain = await readChain(file.handle, path, mark?.lines)
      if (chain.isTorn) {
        await mayWrite()
        await file.truncate(chain.end)
      }
      // What we build on must not vanish in a power cut.
      await file.sync()
      const holds = mark === null || chain.watched === mark.head
      return new Journal(file, chain, { mayWrite, holds })
    } catch (error) {
      await file.close()
      throw error
    }
  }

  get state(): JournalState {
    return this.#chain.state
  }

  /** Lines so far. */
  get lines(): number {
    return this.#chain.seq
  }

  /** With `durable` the lines are on disk when this returns. */
  async append(
    entries: readonly JournalEntry[],
    durable: boolean,
  ): Promise<void> {
    await this.#mayWrite()
    const lines = entries.map((entry) => {
      const line = link(entry, this.#chain)
      this.#chain.seq += 1
      this.#chain.hash = line.hash
      return `${line.text}\n`
    })
    await this.#file.append(lines.join(''), durable)
    for (const entry of entries) this.#chain.state.add(entry)
  }

  /** The hash of the last line, which stands for all before it. */
  get head(): string {
    return this.#chain.hash
  }

  /** All lines are on the disk when this returns. */
  async sync(): Promise<void> {
    await this.#file.sync()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** State of a journal that nobody writes; null where there is none. */
export async function readJournal(
  path: string,
  disk: Disk = machineDisk,
): Promise<JournalState | null> {
  let file: DiskFile
  try {
    file = await disk.open(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return null
    }
    throw error
  }
  try {
    return (await readChain(file, path)).state
  } finally {
    await file.close()
  }
}

function link(
  entry: JournalEntry,
  after: { seq: number; hash: string },
): { text: string; hash: string } {
  const content = { ...entry, seq: after.seq + 1, prev: after.hash }
  const hash = digest(canonicalJson(content))
  return { text: canonicalJson({ ...content, hash }), hash }
}

async function readChain(
  file: DiskFile,
  path: string,
  watch?: number,
): Promise<Chain> {
  const chain: Chain = {
    state: new JournalState(),
    seq: 0,
    hash: origin,
    end: 0,
    isTorn: false,
    watched: watch === 0 ? origin : null,
  }
  for await (const { text, end, complete } of readLines(file)) {
    chain.isTorn = !complete
    if (!complete) break
    const entry = entryOf(text)
    if (entry === null) throw damaged(path, chain.seq + 1)
    const line = link(entry, chain)
    if (line.text !== text) throw damaged(path, chain.seq + 1)
    chain.state.add(entry)
    chain.seq += 1
    chain.hash = line.hash
    chain.end = end
    if (chain.seq === watch) chain.watched = line.hash
  }
  return chain
}

/** The line without its chain, which the caller computes anew. */
function entryOf(text: string): JournalEntry | null {
  const line = parsed(text, isChained)
  if (line === null) return null
  const { seq: _, prev: __, hash: ___, ...entry } = line
  return isEntry(entry) ? entry : null
}

function isChained(
  value: object,
): value is { seq: unknown; prev: unknown; hash: unknown } {
  return 'seq' in value && 'prev' in value && 'hash' in value
}

/** The hash shows that it is a line of ours. */
function isEntry(value: object): value is JournalEntry {
  return 'kind' in value
}

function damaged(path: string, line: number): PipelineError {
  return new PipelineError(
    'journal_damaged',
    `The journal ${path} is damaged at line ${line}, so what was sent is not certain any more. Nothing was sent; restore the file, or compare its plan with Marketo and move it aside.`,
    { exit: exitCode.planRefused, details: { line } },
  )
}
