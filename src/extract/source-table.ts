import type {
  DuckdbSource,
  ParquetSource,
  SourceColumn,
} from '../pipeline/source.js'
import { asError, PipelineError } from '../error.js'
import { didYouMean } from '../pipeline/problem.js'
import { identifier, literal } from '../warehouse/quote.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import {
  requireColumns,
  SourceFault,
  type SourcePlace,
} from './source-fault.js'

/** Reads a Parquet file into a table, with the types that it has. */
export async function landParquetSource(
  warehouse: Warehouse,
  source: ParquetSource,
  place: SourcePlace,
): Promise<void> {
  await copyTable(warehouse, `read_parquet(${literal(place.path)})`, {
    columns: source.columns,
    place,
  })
}

const attached = 'user_source'

/**
 * Copies a table of another DuckDB file. A view is refused, because its SQL
 * could read any file of this machine.
 */
export async function landDuckdbSource(
  warehouse: Warehouse,
  source: DuckdbSource,
  place: SourcePlace,
): Promise<void> {
  await attach(warehouse, place)
  try {
    await requireTable(warehouse, source, place)
    const [schema, table] = [source.schema, source.table].map(identifier)
    await copyTable(warehouse, `${attached}.${schema}.${table}`, {
      columns: source.columns,
      place,
    })
  } finally {
    await warehouse.run(`detach ${attached}`)
  }
}

/** A damaged file here is the user's, not the one that it is attached to. */
async function attach(
  warehouse: Warehouse,
  { path, file, where }: SourcePlace,
): Promise<void> {
  try {
    await warehouse.run(
      `attach ${literal(path)} as ${attached} (type duckdb, read_only)`,
    )
  } catch (thrown) {
    const error = asError(thrown)
    const code = error instanceof PipelineError ? error.code : ''
    if (code !== '' && code !== 'warehouse_damaged') throw error
    const why = /lock/i.test(error.message)
      ? 'is in use by another process; close it there'
      : 'is no DuckDB file that can be read'
    throw new SourceFault([`${where} names ${file}, which ${why}.`])
  }
}

async function requireTable(
  warehouse: Warehouse,
  { schema, table }: DuckdbSource,
  { file, where }: SourcePlace,
): Promise<void> {
  const rows = await warehouse.rows<{ name: string }>(
    `select if(schema_name = 'main', '', schema_name || '.') || table_name
       as name
     from duckdb_tables() where database_name = '${attached}' order by name`,
  )
  const names = rows.map(({ name }) => name)
  const wanted = schema === 'main' ? table : `${schema}.${table}`
  if (names.includes(wanted)) return
  const near = didYouMean(wanted, names)
  const all = near === '' ? ` Its tables are ${names.join(', ')}.` : near
  throw new SourceFault([
    `${where} names ${file}, which has no table ${wanted}; views are not read.${all}`,
  ])
}

interface Copy {
  readonly columns: readonly SourceColumn[]
  readonly place: SourcePlace
}

/** Declared columns get their types; all others stay as they are. */
async function copyTable(
  warehouse: Warehouse,
  from: string,
  { columns, place }: Copy,
): Promise<void> {
  const described = await warehouse.rows<{ column_name: string }>(
    `describe from ${from}`,
  )
  const names = described.map(({ column_name }) => column_name)
  requireColumns(columns, names, place)
  await refuseOthers(warehouse, from, columns, place)
  const cast = columns.map(({ name, type }) => {
    const column = identifier(name)
    return `cast(${column} as ${type}) as ${column}`
  })
  const replace = cast.length === 0 ? '' : `replace (${cast.join(', ')})`
  await warehouse.run(
    `create or replace table ${place.into} as select * ${replace} from ${from}`,
  )
}

async function refuseOthers(
  warehouse: Warehouse,
  from: string,
  columns: readonly SourceColumn[],
  { file, where }: SourcePlace,
): Promise<void> {
  const problems: string[] = []
  for (const { name, type } of columns) {
    const column = identifier(name)
    const { wrong } = await warehouse.one<{ wrong: number }>(
      `select count(*) as wrong from ${from}
       where ${column} is not null and try_cast(${column} as ${type}) is null`,
    )
    if (wrong === 0) continue
    problems.push(
      `${where} names ${file}, whose column ${name} is not ${type} in ${wrong} rows; declare another type.`,
    )
  }
  if (problems.length > 0) throw new SourceFault(problems)
}
