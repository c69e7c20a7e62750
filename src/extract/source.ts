/** The tables of a pipeline's own that its models read. */
import { stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { asMachineError, badInput, PipelineError } from '../error.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { Source } from '../pipeline/source.js'
import type { Path, Position } from '../pipeline/problem.js'
import { identifier, relation } from '../warehouse/quote.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { landCsvSource } from './source-csv.js'
import { SourceFault } from './source-fault.js'
import { landDuckdbSource, landParquetSource } from './source-table.js'

export interface LandedSource {
  readonly name: string
  readonly rows: number
}

export interface SourceRequest {
  readonly pipeline: Pipeline
  readonly locate: (path: Path) => Position
  /** Folder of the pipeline file, from which its paths go. */
  readonly folder: string
  /** Leave out what the warehouse has; for work that goes on. */
  readonly missingOnly: boolean
}

/** The schema that holds them; no folder of models can be called so. */
export const sourceSchema = 'source'

/** Paths in a pipeline file go from the folder that it lies in. */
export function pipelineFolder(projectDir: string): string {
  return join(projectDir, 'pipelines')
}

/**
 * Reads every source that the pipeline declares into the schema `source`, and
 * drops those that it declares no longer. The warehouse must be able to read
 * files. Throws `source` (exit 3) with one line for every file that is missing
 * or is not what the pipeline says; then nothing has changed.
 */
export async function landSources(
  warehouse: Warehouse,
  request: SourceRequest,
): Promise<LandedSource[]> {
  const { sources } = request.pipeline
  await warehouse.run(`create schema if not exists ${sourceSchema}`)
  const present = await tables(warehouse)
  const wanted = sources.filter(
    ({ name }) => !request.missingOnly || !present.includes(name),
  )
  const landed: LandedSource[] = []
  const problems: string[] = []
  for (const source of wanted) {
    try {
      landed.push(await landOne(warehouse, source, request))
    } catch (thrown) {
      if (!(thrown instanceof SourceFault)) throw thrown
      problems.push(...thrown.lines)
    }
  }
  if (problems.length > 0) {
    await dropTables(
      warehouse,
      landed.map(({ name }) => fresh(name)),
    )
    throw badInput('source', problems.join('\n'), { problems })
  }
  await take(warehouse, landed, present, sources)
  return landed
}

async function landOne(
  warehouse: Warehouse,
  source: Source,
  request: SourceRequest,
): Promise<LandedSource> {
  const path = resolve(request.folder, source.path)
  const file = isAbsolute(source.path)
    ? source.path
    : join(dirname(request.pipeline.file), source.path)
  const where = place(source, request)
  await refuseMissing(path, file, where)
  const into = relation(sourceSchema, fresh(source.name))
  const to = { path, file, into, where }
  try {
    if (source.kind === 'csv') {
      await landCsvSource(warehouse, source, to)
    } else if (source.kind === 'parquet') {
      await landParquetSource(warehouse, source, to)
    } else await landDuckdbSource(warehouse, source, to)
  } catch (thrown) {
    if (thrown instanceof SourceFault) throw thrown
    const error = asMachineError(thrown, `Reading the source ${source.name}`)
    if (error instanceof PipelineError) throw error
    const why = (error.message.split('\n')[0] ?? '').replace(/ ["']…+["']/, '')
    throw new SourceFault([
      `${where} names ${file}, which cannot be read as ${source.kind}: ${why}.`,
    ])
  }
  const { rows } = await warehouse.one<{ rows: number }>(
    `select count(*) as rows from ${into}`,
  )
  return { name: source.name, rows }
}

/** `pipelines/acme.yml:9:5  source.orders.csv`. */
function place(source: Source, { pipeline, locate }: SourceRequest): string {
  const { line, column } = locate(['source', source.name, source.kind])
  return `${pipeline.file}:${line}:${column}  source.${source.name}.${source.kind}`
}

async function refuseMissing(
  path: string,
  file: string,
  where: string,
): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (found?.isFile() === true) return
  const why = found === null ? 'does not exist' : 'is not a file'
  throw new SourceFault([
    `${where} names ${file}, which ${why}; paths go from the folder of the pipeline file.`,
  ])
}

/** Under another name, which no source can have, until all are there. */
function fresh(name: string): string {
  return `_new_${name}`
}

async function tables(warehouse: Warehouse): Promise<string[]> {
  const rows = await warehouse.rows<{ name: string }>(
    `select table_name as name from duckdb_tables()
     where database_name = current_database() and schema_name = $1
     order by table_name`,
    [sourceSchema],
  )
  return rows.map(({ name }) => name)
}

async function dropTables(
  warehouse: Warehouse,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    await warehouse.run(`drop table if exists ${relation(sourceSchema, name)}`)
  }
}

async function take(
  warehouse: Warehouse,
  landed: readonly LandedSource[],
  present: readonly string[],
  sources: readonly Source[],
): Promise<void> {
  const declared = new Set(sources.map(({ name }) => name))
  await warehouse.transaction(async (queries) => {
    for (const name of present) {
      if (declared.has(name) && !landed.some((each) => each.name === name)) {
        continue
      }
      await queries.run(`drop table ${relation(sourceSchema, name)}`)
    }
    for (const { name } of landed) {
      await queries.run(
        `alter table ${relation(sourceSchema, fresh(name))} rename to ${identifier(name)}`,
      )
    }
  })
}
