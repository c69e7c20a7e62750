import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import { WarehouseIntrospector } from './introspector.js'
import type { Session } from './session.js'
import type { Parameter } from './value.js'
import type { Warehouse } from './warehouse.js'

/**
 * Kysely over a warehouse. PostgreSQL's compiler speaks DuckDB's placeholders
 * and quoting; tables are named with their schema (`meta.run`).
 */
export function kyselyFor<DB>(warehouse: Warehouse): Kysely<DB> {
  return new Kysely<DB>({ dialect: new WarehouseDialect(warehouse) })
}

class WarehouseDialect implements Dialect {
  readonly #warehouse: Warehouse

  constructor(warehouse: Warehouse) {
    this.#warehouse = warehouse
  }

  createDriver = (): Driver => new WarehouseDriver(this.#warehouse)
  createQueryCompiler = () => new PostgresQueryCompiler()
  createAdapter = () => new WarehouseAdapter()
  createIntrospector = () => new WarehouseIntrospector(this.#warehouse)
}

/** One process writes a warehouse at a time, so migrations need no lock. */
class WarehouseAdapter extends PostgresAdapter {
  override acquireMigrationLock = async () => {}
  override releaseMigrationLock = async () => {}
}

/**
 * One connection for all of Kysely, given to one caller at a time: a
 * transaction keeps it until it ends.
 */
class WarehouseDriver implements Driver {
  readonly #warehouse: Warehouse
  #connection: WarehouseConnection | undefined
  #free: Promise<void> = Promise.resolve()
  #release: () => void = () => {}

  constructor(warehouse: Warehouse) {
    this.#warehouse = warehouse
  }

  async init(): Promise<void> {
    this.#connection = new WarehouseConnection(await this.#warehouse.session())
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#free
    let release: (() => void) | undefined
    this.#free = new Promise((resolve) => {
      release = resolve
    })
    await before
    this.#release = () => release?.()
    if (this.#connection === undefined) throw new Error('kysely is closed')
    return this.#connection
  }

  async releaseConnection(): Promise<void> {
    this.#release()
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin transaction'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'))
  }

  /** The warehouse owns the connection and closes it. */
  async destroy(): Promise<void> {
    this.#connection = undefined
  }
}

class WarehouseConnection implements DatabaseConnection {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changed } = await this.#session.execute<R>(
      query.sql,
      query.parameters.map(parameter),
    )
    return { rows, numAffectedRows: BigInt(changed) }
  }

  // oxlint-disable-next-line require-yield -- a stream would hide errors
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('A warehouse does not stream: it would hide errors')
  }
}

/** Dates travel as text: timestamps here are UTC. */
function parameter(value: unknown): Parameter {
  if (value === undefined || value === null) return null
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'string' || typeof value === 'number') return value
  if (typeof value === 'bigint' || typeof value === 'boolean') return value
  throw new TypeError(
    'A warehouse query takes texts, numbers, booleans, dates and null; write a list as JSON text',
  )
}
