/** The same work by DuckDB alone, without any of the product's engine. */
import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { registerFunctions } from '../../src/model/function.js'
import { generatedColumns } from '../sandbox/generated-file.js'
import type { ComponentSql } from '../../src/warehouse/component.js'
import { textFunction } from '../../src/warehouse/scalar.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { exported, places, projectDir } from './lead.js'
import { type Measured, timed } from './measure.js'
import type { Statements } from './statement.js'

/** The same as landing's. */
const landingMemory = '1GB'

async function connected<T>(
  path: string,
  options: Record<string, string>,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(path, options)
  const connection = await instance.connect()
  try {
    return await work(connection)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

export async function land(folder: string): Promise<Measured> {
  const { csv, bareParquet, temp } = places(folder)
  const columns = generatedColumns.map((name) => `'${name}': 'varchar'`)
  const options = { memory_limit: landingMemory, temp_directory: temp }
  return await timed(() =>
    connected(':memory:', options, async (connection) => {
      await connection.run(
        `copy (
          from read_csv('${csv}', auto_detect = false, header = true,
            delim = ',', quote = '"', escape = '"', nullstr = 'null',
            new_line = '\\n', columns = {${columns.join(', ')}})
        ) to '${bareParquet}' (format parquet, compression zstd)`,
      )
    }),
  )
}

export async function load(folder: string): Promise<Measured> {
  const { bareParquet, bare, temp } = places(folder)
  const columns = exported().map((name) => `"${name}"`)
  rmSync(bare, { force: true })
  return await timed(() =>
    connected(bare, { temp_directory: temp }, async (connection) => {
      await connection.run('create schema raw')
      await connection.run(
        `create table raw.lead as
        select ${columns.join(', ')} from read_parquet('${bareParquet}')`,
      )
    }),
  )
}

/** Asks a question whose only answer is yes or no. */
async function holds(
  connection: DuckDBConnection,
  sql: string,
): Promise<boolean> {
  const reader = await connection.runAndReadAll(sql)
  return reader.getRows()[0]?.[0] === true
}

async function components(
  connection: DuckDBConnection,
  sql: ComponentSql,
): Promise<void> {
  for (const each of sql.begin) await connection.run(each)
  while (await holds(connection, sql.hasEdges)) {
    await connection.run(sql.point)
    while (await holds(connection, sql.hasMoved)) {
      for (const each of sql.flatten) await connection.run(each)
    }
    for (const each of sql.contract) await connection.run(each)
  }
  await connection.run(sql.result)
  for (const each of sql.end) await connection.run(each)
}

/** Each lead takes the smallest label beside it until none changes. */
async function propagate(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    `create temp table beside as
    select a as id, b as other from by_hand.edge
    union all
    select b, a from by_hand.edge`,
  )
  await connection.run(
    `create table by_hand.label as
    select distinct id, id as component from beside`,
  )
  do {
    await connection.run(
      `create or replace temp table next as
      select
        label.id,
        least(label.component, min(other.component)) as component,
        label.component as before
      from by_hand.label as label
      join beside on beside.id = label.id
      join by_hand.label as other on other.id = beside.other
      group by label.id, label.component`,
    )
    await connection.run(
      `create or replace table by_hand.label as
      select id, component from next`,
    )
  } while (
    await holds(
      connection,
      'select count(*) > 0 from next where component <> before',
    )
  )
}

/** A script by hand that decides what the demo's models decide. */
export async function model(folder: string): Promise<Measured> {
  const { loaded, bare, temp } = places(folder)
  copyFileSync(loaded, bare)
  const file = join(projectDir, 'test', 'bench', 'bare-model.sql')
  const script = readFileSync(file, 'utf8').replaceAll(/^ *--.*$/gm, '')
  return await timed(() =>
    connected(bare, { temp_directory: temp }, async (connection) => {
      for (const statement of script.split(';')) {
        if (statement.trim() === '') continue
        await connection.run(statement)
        if (!statement.includes('create table by_hand.edge')) continue
        await propagate(connection)
      }
      const counted = await connection.runAndReadAll(
        'select count(*)::integer from by_hand.survivor',
      )
      return { clusters: Number(counted.getRows()[0]?.[0]) }
    }),
  )
}

/** The engine's own SQL, run without the engine. */
export async function compiled(folder: string): Promise<Measured> {
  const { loaded, bare, temp, compiled: file } = places(folder)
  copyFileSync(loaded, bare)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- ours.ts wrote it
  const statements = JSON.parse(readFileSync(file, 'utf8')) as Statements
  return await timed(() =>
    connected(bare, { temp_directory: temp }, async (connection) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all it calls
      registerFunctions({
        registerFunction: (...made: Parameters<typeof textFunction>) => {
          connection.registerScalarFunction(textFunction(...made))
        },
      } as unknown as Warehouse)
      for (const sql of statements.schemas) await connection.run(sql)
      for (const { sql, components: loop } of statements.models) {
        await connection.run(sql)
        if (loop !== null) await components(connection, loop)
      }
      for (const sql of statements.tests) await connection.runAndReadAll(sql)
    }),
  )
}
