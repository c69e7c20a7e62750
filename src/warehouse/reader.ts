/** Published files, read while others replace them. */
import { statSync } from 'node:fs'
import { identifier, literal } from './quote.js'
import type { Queries, Session } from './session.js'
import { Warehouse } from './warehouse.js'

interface Attached {
  readonly alias: string
  readonly version: string
  users: number
  /** Called when the last user has left. */
  emptied: () => void
}

export interface ReaderOptions {
  /** Folder for what does not fit into memory. */
  readonly temp: string
  /** As DuckDB writes it: `256MB`. */
  readonly memoryLimit: string
}

/**
 * One database in memory, to which a file is attached read-only while somebody
 * reads it. DuckDB does not attach one path twice, so readers share it, and
 * who comes after the file was replaced waits until the old one's have left.
 */
export class PublishedReader {
  readonly #options: ReaderOptions
  readonly #attached = new Map<string, Attached>()
  /** By path: who attaches and detaches, one after another. */
  readonly #turns = new Map<string, Promise<unknown>>()
  readonly #idle: Session[] = []
  #warehouse: Promise<Warehouse> | null = null
  #count = 0

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  /**
   * Lets `work` query the file as if it were the database: `from lead`,
   * `from meta.run`. null where there is no such file.
   */
  async read<T>(
    path: string,
    work: (queries: Queries) => Promise<T>,
  ): Promise<T | null> {
    const attached = await this.#turn(path, () => this.#enter(path))
    if (attached === null) return null
    try {
      return await this.#within(attached.alias, work)
    } finally {
      attached.users -= 1
      if (attached.users === 0) attached.emptied()
      await this.#turn(path, () => this.#leave(path, attached))
    }
  }

  /** Lets `work` query with no file attached, for `read_json` and the like. */
  async query<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return await this.#within('memory', work)
  }

  async close(): Promise<void> {
    const warehouse = await this.#warehouse
    await warehouse?.close()
  }

  async #within<T>(
    alias: string,
    work: (queries: Queries) => Promise<T>,
  ): Promise<T> {
    const session = this.#idle.pop() ?? (await (await this.#open()).session())
    try {
      const { queries } = session
      await queries.run(`use ${identifier(alias)}`)
      return await work(queries)
    } finally {
      // A file that a connection stands in cannot be let go.
      await session.queries.run('use memory')
      this.#idle.push(session)
    }
  }

  async #open(): Promise<Warehouse> {
    const { temp, memoryLimit } = this.#options
    this.#warehouse ??= Warehouse.open({
      path: ':memory:',
      temp,
      sealed: false,
      memoryLimit,
      threads: 2,
    })
    return await this.#warehouse
  }

  async #turn<T>(path: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(path) ?? Promise.resolve()).then(work)
    const settled = turn.catch(() => {})
    this.#turns.set(path, settled)
    return await turn
  }

  async #enter(path: string): Promise<Attached | null> {
    const version = versionOf(path)
    if (version === null) return null
    const held = this.#attached.get(path)
    if (held?.version === version) {
      held.users += 1
      return held
    }
    if (held !== undefined) {
      if (held.users > 0) {
        await new Promise<void>((resolve) => (held.emptied = resolve))
      }
      await this.#detach(path, held)
    }
    const warehouse = await this.#open()
    this.#count += 1
    const alias = `published_${this.#count}`
    await warehouse.run(
      `attach ${literal(path)} as ${identifier(alias)} (read_only)`,
    )
    const attached = { alias, version, users: 1, emptied: () => {} }
    this.#attached.set(path, attached)
    return attached
  }

  async #leave(path: string, attached: Attached): Promise<void> {
    if (attached.users > 0 || this.#attached.get(path) !== attached) return
    await this.#detach(path, attached)
  }

  async #detach(path: string, attached: Attached): Promise<void> {
    this.#attached.delete(path)
    const warehouse = await this.#open()
    await warehouse.run(`detach ${identifier(attached.alias)}`)
  }
}

/** Changes whenever another file takes the name. */
function versionOf(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? null : `${found.ino} ${found.mtimeMs}`
}
