import { chmodSync, existsSync, mkdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { exitCode, PipelineError } from '../error.js'
import { append, type ColumnType } from './append.js'
import { openFault } from './fault.js'
import { type TextFunction, textFunction } from './scalar.js'
import { type Queries, Session } from './session.js'
import { createSpillFolder, removeSpillFolder } from './spill.js'
import { keepLeadingMarks } from './text-decoder.js'
import type { Parameter } from './value.js'

export interface WarehouseOptions {
  /** A file, made where there is none, or `:memory:`. */
  readonly path: string
  /** Folder for what does not fit into memory. */
  readonly temp: string
  /** No file, no network, no setting can be reached by any statement. */
  readonly sealed: boolean
  readonly readOnly?: boolean
  /** As DuckDB writes it: `2GB`. */
  readonly memoryLimit?: string
  readonly threads?: number
}

keepLeadingMarks()

/**
 * Files open in this process. DuckDB's lock is per process: a second instance
 * on the same file would open without an error and lose rows.
 */
const open = new Set<string>()

/** One DuckDB database, opened once, in UTC. */
export class Warehouse {
  readonly path: string
  readonly sealed: boolean
  readonly #instance: DuckDBInstance
  readonly #spill: string
  readonly #key: string
  readonly #sessions: Session[] = []
  readonly #main: Session
  #closed = false

  private constructor(
    options: WarehouseOptions,
    opened: { instance: DuckDBInstance; spill: string; key: string },
    main: Session,
  ) {
    this.path = options.path
    this.sealed = options.sealed
    this.#instance = opened.instance
    this.#spill = opened.spill
    this.#key = opened.key
    this.#main = main
    this.#sessions.push(main)
  }

  /**
   * Opens the file. Throws PipelineError `locked` (exit 9) where another
   * process has it, `already_open` where this one does, `warehouse_damaged`
   * (exit 1) where it cannot be read, `machine` (exit 6) for disk and rights.
   */
  static async open(options: WarehouseOptions): Promise<Warehouse> {
    let key = ''
    let spill: string | undefined
    let instance: DuckDBInstance | undefined
    try {
      key = claim(options.path)
      spill = createSpillFolder(options.temp)
      instance = await DuckDBInstance.create(
        options.path,
        settings(options, spill),
      )
      if (!options.readOnly && key !== '') chmodSync(options.path, 0o600)
      const main = new Session(await instance.connect(), options.path)
      await prepare(main.queries, options.sealed)
      return new Warehouse(options, { instance, spill, key }, main)
    } catch (error) {
      instance?.closeSync()
      if (spill !== undefined) removeSpillFolder(spill)
      open.delete(key)
      throw openFault(error, options.path)
    }
  }

  /** Runs one statement; `values` are bound as $1, $2, …. */
  async run(sql: string, values?: readonly Parameter[]): Promise<void> {
    await this.#main.exclusive(() => this.#main.queries.run(sql, values))
  }

  /** Rows of one statement; the whole result is held in memory. */
  async rows<T>(sql: string, values?: readonly Parameter[]): Promise<T[]> {
    return await this.#main.exclusive(() =>
      this.#main.queries.rows<T>(sql, values),
    )
  }

  /** The only row of one statement; throws where there is none or another. */
  async one<T>(sql: string, values?: readonly Parameter[]): Promise<T> {
    return await this.#main.exclusive(() =>
      this.#main.queries.one<T>(sql, values),
    )
  }

  /** Adds rows to an existing table (`schema.table`), all or none. */
  async append(
    table: string,
    columns: Readonly<Record<string, ColumnType>>,
    rows: Iterable<readonly unknown[]>,
  ): Promise<void> {
    await this.#main.exclusive(() => append(this.#main, table, columns, rows))
  }

  /** Commits when the work ends, rolls back when it throws. */
  async transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    const { queries } = this.#main
    return await this.#main.exclusive(async () => {
      await queries.run('begin transaction')
      try {
        const result = await work(queries)
        await queries.run('commit')
        return result
      } catch (error) {
        // After a fatal error there is no transaction left to roll back.
        await queries.run('rollback').catch(() => {})
        throw error
      }
    })
  }

  /** A further connection, for callers that hold transactions open. */
  async session(): Promise<Session> {
    const connection = await this.#instance.connect()
    const session = new Session(connection, this.path)
    this.#sessions.push(session)
    return session
  }

  /** Makes a pure function of texts callable from SQL; null in, null out. */
  registerFunction(
    name: string,
    argCount: number,
    compute: TextFunction,
  ): void {
    this.#main.connection.registerScalarFunction(
      textFunction(name, argCount, compute),
    )
  }

  /** Stops the running statements; they throw `interrupted`. */
  interrupt(): void {
    if (this.#closed) return
    for (const { connection } of this.#sessions) connection.interrupt()
  }

  /** Waits for running statements, then lets go of the file. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const session of this.#sessions) {
      await session.exclusive(async () => session.connection.closeSync())
    }
    this.#instance.closeSync()
    removeSpillFolder(this.#spill)
    open.delete(this.#key)
  }
}

/** Marks a file as open in this process; empty for a database in memory. */
function claim(path: string): string {
  if (path === ':memory:') return ''
  const folder = dirname(resolve(path))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const named = join(realpathSync(folder), basename(path))
  const key = existsSync(named) ? realpathSync(named) : named
  if (open.has(key)) {
    throw new PipelineError(
      'already_open',
      `The warehouse file ${path} is already open in this process, and opening it twice would lose rows; use the one that is open.`,
      { exit: exitCode.unexpected },
    )
  }
  open.add(key)
  return key
}

function settings(
  options: WarehouseOptions,
  spill: string,
): Record<string, string> {
  return {
    temp_directory: spill,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    ...(options.readOnly && { access_mode: 'READ_ONLY' }),
    ...(options.memoryLimit !== undefined && {
      memory_limit: options.memoryLimit,
    }),
    ...(options.threads !== undefined && { threads: String(options.threads) }),
  }
}

/** Global settings hold for every later connection too. */
async function prepare(queries: Queries, sealed: boolean): Promise<void> {
  await queries.run("set global TimeZone = 'UTC'")
  if (!sealed) return
  await queries.run('set global enable_external_access = false')
  await queries.run('set global lock_configuration = true')
}
