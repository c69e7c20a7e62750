import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api'
import { exitCode, PipelineError } from '../error.js'
import { identifier } from './quote.js'
import type { Session } from './session.js'

export type ColumnType =
  | 'varchar'
  | 'bigint'
  | 'double'
  | 'boolean'
  | 'timestamp'

const chunkRows = 2048
const staging = '_append'

/** Timestamps travel as text and DuckDB casts them: it keeps microseconds. */
const stagedType: Record<ColumnType, DuckDBType> = {
  varchar: VARCHAR,
  bigint: BIGINT,
  double: DOUBLE,
  boolean: BOOLEAN,
  timestamp: VARCHAR,
}

/**
 * Adds rows to an existing table, all or none. They go through a temporary
 * table because the appender maps by position and commits as it goes; the
 * insert maps by name. Columns not named get their default.
 */
export async function append(
  session: Session,
  table: string,
  columns: Readonly<Record<string, ColumnType>>,
  rows: Iterable<readonly unknown[]>,
): Promise<void> {
  const names = Object.keys(columns).map(identifier)
  const list = Object.entries(columns).map(
    ([name, type]) =>
      `${identifier(name)} ${type === 'timestamp' ? 'varchar' : type}`,
  )
  const { run } = session.queries
  await run(`create or replace temp table ${staging} (${list.join(', ')})`)
  try {
    await stage(session, Object.entries(columns), rows)
    await run(
      `insert into ${target(table)} (${names.join(', ')}) select ${names.join(', ')} from temp.main.${staging}`,
    )
  } finally {
    await run(`drop table if exists temp.main.${staging}`)
  }
}

async function stage(
  session: Session,
  columns: readonly (readonly [string, ColumnType])[],
  rows: Iterable<readonly unknown[]>,
): Promise<void> {
  const appender = await session.connection.createAppender(
    staging,
    'main',
    'temp',
  )
  const types = columns.map(([, type]) => stagedType[type])
  let chunk: DuckDBValue[][] = []
  const flush = () => {
    if (chunk.length === 0) return
    const data = DuckDBDataChunk.create(types, chunk.length)
    data.setRows(chunk)
    appender.appendDataChunk(data)
    chunk = []
  }
  try {
    let count = 0
    for (const row of rows) {
      count += 1
      chunk.push(staged(row, columns, count))
      if (chunk.length === chunkRows) flush()
    }
    flush()
  } finally {
    appender.closeSync()
  }
}

function staged(
  row: readonly unknown[],
  columns: readonly (readonly [string, ColumnType])[],
  number: number,
): DuckDBValue[] {
  if (row.length !== columns.length) {
    throw unfit(
      `Row ${number} has ${row.length} values for ${columns.length} columns`,
    )
  }
  return columns.map(([name, type], index) => {
    const value = row[index]
    if (value === null || value === undefined) return null
    const converted = convert[type](value)
    if (converted !== undefined) return converted
    throw unfit(`Row ${number} has no ${type} in column ${name}`)
  })
}

/** Each gives undefined for a value that does not fit. */
const convert: Record<ColumnType, (value: unknown) => DuckDBValue | undefined> =
  {
    varchar: (value) => {
      if (typeof value === 'string') return value
      if (typeof value === 'number' || typeof value === 'bigint')
        return `${value}`
      return typeof value === 'boolean' ? `${value}` : undefined
    },
    bigint: (value) => {
      if (typeof value === 'bigint') return value
      if (typeof value === 'number') {
        return Number.isSafeInteger(value) ? BigInt(value) : undefined
      }
      return typeof value === 'string' && /^-?\d{1,18}$/.test(value)
        ? BigInt(value)
        : undefined
    },
    double: (value) => (typeof value === 'number' ? value : undefined),
    boolean: (value) => (typeof value === 'boolean' ? value : undefined),
    timestamp: (value) =>
      value instanceof Date
        ? value.toISOString()
        : typeof value === 'string'
          ? value
          : undefined,
  }

function unfit(what: string): PipelineError {
  return new PipelineError(
    'unfit_row',
    `${what}, so nothing was added to the warehouse; this is a mistake in the program, please report it.`,
    { exit: exitCode.unexpected },
  )
}

/** `schema.table`, or a table of main. */
function target(table: string): string {
  return table.split('.').map(identifier).join('.')
}
