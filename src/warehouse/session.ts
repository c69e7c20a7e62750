import type { DuckDBConnection } from '@duckdb/node-api'
import { exitCode, PipelineError } from '../error.js'
import { queryFault } from './fault.js'
import { type Parameter, parameterType, plain } from './value.js'

export interface Result<T> {
  readonly rows: T[]
  /** Rows inserted, updated or deleted; 0 for a select. */
  readonly changed: number
}

/** Statements that run one after another on one connection. */
export interface Queries {
  run(this: void, sql: string, values?: readonly Parameter[]): Promise<void>
  /** Statements without values; those of a transaction cost one trip. */
  script(this: void, statements: readonly string[]): Promise<void>
  rows<T>(this: void, sql: string, values?: readonly Parameter[]): Promise<T[]>
  one<T>(this: void, sql: string, values?: readonly Parameter[]): Promise<T>
}

/**
 * One connection, used by one caller at a time: statements of two callers
 * would otherwise end up in one another's transaction.
 */
export class Session {
  readonly connection: DuckDBConnection
  readonly #path: string
  #tail: Promise<unknown> = Promise.resolve()

  constructor(connection: DuckDBConnection, path: string) {
    this.connection = connection
    this.#path = path
  }

  /** Waits for its turn, then has the connection to itself. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work)
    this.#tail = turn.catch(() => {})
    return await turn
  }

  /** Runs one statement; the caller has the connection to itself. */
  async execute<T>(
    sql: string,
    values: readonly Parameter[] = [],
  ): Promise<Result<T>> {
    try {
      return await this.#single<T>(sql, values)
    } catch (error) {
      throw queryFault(error, this.#path)
    }
  }

  async #single<T>(
    sql: string,
    values: readonly Parameter[],
  ): Promise<Result<T>> {
    const statements = await this.connection.extractStatements(sql)
    if (statements.count !== 1) throw notOne(statements.count)
    const prepared = await statements.prepare(0)
    try {
      for (const [index, value] of values.entries()) {
        prepared.bindValue(index + 1, value, parameterType(value))
      }
      const reader = await prepared.runAndReadAll()
      return {
        rows: shaped<T>(reader.convertRowObjects(plain)),
        changed: reader.rowsChanged,
      }
    } finally {
      prepared.destroySync()
    }
  }

  async #script(statements: readonly string[]): Promise<void> {
    try {
      await this.connection.run(statements.join(';\n'))
    } catch (error) {
      throw queryFault(error, this.#path)
    }
  }

  /** Statements for a caller that has the connection to itself. */
  readonly queries: Queries = {
    run: async (sql, values) => {
      await this.execute(sql, values)
    },
    script: async (statements) => await this.#script(statements),
    rows: async <T>(sql: string, values?: readonly Parameter[]) =>
      (await this.execute<T>(sql, values)).rows,
    one: async <T>(sql: string, values?: readonly Parameter[]) =>
      onlyRow((await this.execute<T>(sql, values)).rows),
  }
}

/** The caller wrote the select, so it knows the shape of the rows. */
function shaped<T>(rows: readonly unknown[]): T[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return rows as T[]
}

function onlyRow<T>(rows: readonly T[]): T {
  const [row] = rows
  if (rows.length === 1 && row !== undefined) return row
  throw new PipelineError(
    'not_one_row',
    `A query that must return exactly one row returned ${rows.length}; this is a mistake in the program, please report it.`,
    { exit: exitCode.unexpected },
  )
}

function notOne(count: number): PipelineError {
  return new PipelineError(
    'not_one_statement',
    `A text that must be exactly one SQL statement holds ${count}; send them one at a time.`,
    { exit: exitCode.badInput, details: { count } },
  )
}
