import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { asMachineError } from '../error.js'
import { identifier, literal, relation } from './quote.js'
import { isAlive } from './spill.js'
import { Warehouse } from './warehouse.js'

export interface PublishedTable {
  /** Where it is in the build file; a view becomes a table. */
  readonly schema: string
  readonly name: string
  /** Where readers find it. */
  readonly as: { readonly schema: string; readonly name: string }
  readonly comment: string
  /** Comments by column name; a column that is not there has none. */
  readonly columns: Readonly<Record<string, string>>
}

export interface Publication {
  /** An unsealed warehouse, or the path of a build file nobody has open. */
  readonly from: Warehouse | string
  readonly target: string
  readonly tables: readonly PublishedTable[]
}

/**
 * Writes the tables into a new file and renames it over the target, so a
 * reader sees the old file or the new one, never half and never a lock.
 */
export async function publish(publication: Publication): Promise<void> {
  const { from, target } = publication
  if (typeof from !== 'string') return await publishFrom(from, publication)
  const temp = join(dirname(from), 'temp')
  const warehouse = await Warehouse.open({
    path: from,
    temp,
    sealed: false,
  })
  try {
    await publishFrom(warehouse, { ...publication, target })
  } finally {
    await warehouse.close()
  }
}

async function publishFrom(
  warehouse: Warehouse,
  { target, tables }: Publication,
): Promise<void> {
  const folder = dirname(target)
  mkdirSync(folder, { recursive: true })
  sweep(target)
  const made = join(
    folder,
    `.${basename(target)}.new-${process.pid}-${randomUUID()}`,
  )
  try {
    await write(warehouse, made, tables)
    sync(made)
    // Somebody may have written into the old file; its log is not ours.
    rmSync(`${target}.wal`, { force: true })
    renameSync(made, target)
    sync(folder)
  } catch (error) {
    remove(made)
    throw asMachineError(error, `Publishing ${target}`)
  }
}

async function write(
  warehouse: Warehouse,
  path: string,
  tables: readonly PublishedTable[],
): Promise<void> {
  const alias = `publish_${randomUUID().replaceAll('-', '')}`
  await warehouse.run(`attach ${literal(path)} as ${identifier(alias)}`)
  try {
    chmodSync(path, 0o600)
    await warehouse.transaction(async ({ run, rows, script }) => {
      for (const sql of statements(alias, tables)) await run(sql)
      const made = await rows<MadeColumn>(madeColumnsSql, [alias])
      const comments = columnComments(alias, tables, made)
      if (comments.length > 0) await script(comments)
    })
    await warehouse.run(`checkpoint ${identifier(alias)}`)
  } finally {
    await warehouse.run(`detach ${identifier(alias)}`)
  }
  if (existsSync(`${path}.wal`)) {
    throw new Error(`A write-ahead log was left beside ${path}`)
  }
}

interface MadeColumn {
  readonly schema: string
  readonly table: string
  readonly name: string
}

const madeColumnsSql = `
select schema_name as "schema", table_name as "table", column_name as name
from duckdb_columns()
where database_name = $1 and not internal
order by all`

/**
 * Comments of the columns that are there: a column may exist in the tables
 * of one pipeline and not of another.
 */
function columnComments(
  alias: string,
  tables: readonly PublishedTable[],
  made: readonly MadeColumn[],
): string[] {
  return tables.flatMap(({ as, columns }) =>
    made
      .filter((each) => each.schema === as.schema && each.table === as.name)
      .flatMap(({ name }) => {
        const comment = columns[name]
        if (comment === undefined) return []
        const column = `${relation(as.schema, as.name)}.${identifier(name)}`
        return `comment on column ${identifier(alias)}.${column} is ${literal(comment)}`
      }),
  )
}

/** What creates the tables, with their comments, in an attached database. */
export function statements(
  alias: string,
  tables: readonly PublishedTable[],
): string[] {
  const schemas = new Set(tables.map((table) => table.as.schema))
  return [
    ...[...schemas].map(
      (schema) => `create schema if not exists ${relation(alias, schema)}`,
    ),
    ...tables.flatMap((table) => tableStatements(alias, table)),
  ]
}

function tableStatements(alias: string, table: PublishedTable): string[] {
  const to = `${identifier(alias)}.${relation(table.as.schema, table.as.name)}`
  const from = relation(table.schema, table.name)
  return [
    `create table ${to} as select * from ${from}`,
    `comment on table ${to} is ${literal(table.comment)}`,
  ]
}

/** A power cut must not leave a renamed but empty file. */
function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Removes new files of publications whose process is gone. */
function sweep(target: string): void {
  const prefix = `.${basename(target)}.new-`
  for (const name of readdirSync(dirname(target))) {
    if (!name.startsWith(prefix)) continue
    const pid = Number.parseInt(name.slice(prefix.length), 10)
    if (pid === process.pid || isAlive(pid)) continue
    rmSync(join(dirname(target), name), { force: true })
  }
}

function remove(path: string): void {
  rmSync(path, { force: true })
  rmSync(`${path}.wal`, { force: true })
}
