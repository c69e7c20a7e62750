import { identifier, literal } from '../warehouse/quote.js'
import type { Queries } from '../warehouse/session.js'

/** The landed tables; `raw.lead` has a column more for each exported field. */
const tables: Readonly<Record<string, string>> = {
  lead: 'id varchar, _extract varchar, _seen_at timestamp',
  lead_delete: 'id varchar, deleted_at varchar',
  lead_missing: 'id varchar, missed_at varchar',
  lead_unknown: 'id varchar, seen_at varchar',
  lead_merge: 'loser_id varchar, winner_id varchar, merged_at varchar',
  list_member: 'list_kind varchar, list varchar, lead_id varchar',
  reject:
    'extract varchar, file varchar, line bigint, byte_offset bigint, reason varchar, text varchar',
  field:
    'name varchar, display_name varchar, data_type varchar, length bigint, updateable boolean, crm_managed boolean',
  extract:
    'id varchar, as_of varchar, "rows" bigint, bytes bigint, is_complete boolean, kind varchar, why varchar, created bigint, changed bigint',
}

/** Makes the tables that are missing, and the columns of new fields. */
export async function makeRawTables(
  queries: Queries,
  fields: readonly string[],
): Promise<void> {
  await queries.run('create schema if not exists raw')
  for (const [name, columns] of Object.entries(tables)) {
    await queries.run(`create table if not exists raw.${name} (${columns})`)
  }
  // Build files of earlier versions lack it.
  await queries.run(
    'alter table raw.reject add column if not exists byte_offset bigint',
  )
  for (const column of [
    'kind varchar',
    'why varchar',
    'created bigint',
    'changed bigint',
  ]) {
    await queries.run(
      `alter table raw.extract add column if not exists ${column}`,
    )
  }
  const present = new Set(await leadColumns(queries).then(lowered))
  for (const field of fields) {
    if (present.has(field.toLowerCase())) continue
    await queries.run(
      `alter table raw.lead add column ${identifier(field)} varchar`,
    )
  }
}

/** A field that Marketo calls otherwise now keeps its values of before. */
export async function renameColumns(
  queries: Queries,
  renamed: ReadonlyMap<string, string>,
): Promise<void> {
  const columns = new Set(await leadColumns(queries).then(lowered))
  for (const [former, now] of renamed) {
    const has = columns.has(former.toLowerCase())
    if (!has || columns.has(now.toLowerCase())) continue
    await queries.run(
      `alter table raw.lead rename column ${identifier(former)} to ${identifier(now)}`,
    )
    columns.delete(former.toLowerCase())
    columns.add(now.toLowerCase())
  }
}

/** Columns of `raw.lead` that are fields of Marketo. */
export async function leadColumns(queries: Queries): Promise<string[]> {
  const rows = await queries.rows<{ name: string }>(
    `select column_name as name from duckdb_columns()
    where database_name = current_database() and schema_name = 'raw'
      and table_name = 'lead' and column_name not in ('_extract', '_seen_at')
    order by column_index`,
  )
  return rows.map(({ name }) => name)
}

function lowered(names: readonly string[]): string[] {
  return names.map((name) => name.toLowerCase())
}

/**
 * Bytes of the longest line. DuckDB reserves twice as much for every thread,
 * so it is not generous.
 */
const longestObject = 4 * 1024 * 1024

/** A select of the lines of a file of JSON lines, with these columns. */
export function jsonTable(
  path: string,
  columns: Readonly<Record<string, string>>,
): string {
  const types = Object.entries(columns).map(
    ([name, type]) => `${literal(name)}: ${literal(type)}`,
  )
  return `read_json(${literal(path)}, format = 'newline_delimited', maximum_object_size = ${longestObject}, columns = {${types.join(', ')}})`
}
