/** Makes tables and views of compiled models, in order. */
import { type Clock, instant } from '../clock.js'
import { components } from '../warehouse/component.js'
import { relation } from '../warehouse/quote.js'
import type { Queries } from '../warehouse/session.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import type { Compiled, CompiledModel } from './compile.js'
import { linkage } from './linkage.js'
import { requireColumns } from './requirement.js'
import { sqlMessage } from './sql-message.js'
import { isOfTheMachine, refusal, requireSealed } from './statement.js'

export interface ModelResult {
  readonly model: string
  readonly status: 'success' | 'error' | 'skipped'
  /** null for a view, and where nothing was built. */
  readonly rows: number | null
  readonly startedAt: string
  readonly seconds: number
  readonly message: string
}

export interface BuildOptions {
  /** Names of the models to build; everything where it is null. */
  readonly names: readonly string[] | null
  readonly emit: (result: ModelResult, done: number, total: number) => void
  readonly signal: AbortSignal
  readonly clock: Clock
}

/**
 * Builds what is named. A model that fails leaves its old table, and skips
 * every model that reads it. Throws where the signal aborts, and for a full
 * disk or a damaged file, which no other model would survive.
 */
export async function buildModels(
  warehouse: Warehouse,
  compiled: Compiled,
  { names, emit, signal, clock }: BuildOptions,
): Promise<ModelResult[]> {
  const wanted = [...compiled.models.values()].filter(
    ({ model }) => names === null || names.includes(model.name),
  )
  requireSealed(warehouse)
  await makeSchemas(warehouse, wanted)
  const results: ModelResult[] = []
  const broken = new Set<string>()
  for (const each of wanted) {
    signal.throwIfAborted()
    const failed = each.refs.find((ref) => broken.has(ref))
    const result =
      failed === undefined
        ? await buildOne(warehouse, each, clock)
        : skipped(each, failed, clock)
    if (result.status !== 'success') broken.add(each.model.name)
    results.push(result)
    emit(result, results.length, wanted.length)
  }
  return results
}

async function makeSchemas(
  warehouse: Warehouse,
  models: readonly CompiledModel[],
): Promise<void> {
  const schemas = new Set(models.map(({ model }) => model.relation.schema))
  for (const schema of schemas) {
    await warehouse.run(`create schema if not exists "${schema}"`)
  }
}

function skipped(
  { model }: CompiledModel,
  failed: string,
  clock: Clock,
): ModelResult {
  return {
    model: model.name,
    status: 'skipped',
    rows: null,
    startedAt: instant(clock),
    seconds: 0,
    message: `skipped, because ${failed} was not built`,
  }
}

async function buildOne(
  warehouse: Warehouse,
  compiled: CompiledModel,
  clock: Clock,
): Promise<ModelResult> {
  const startedAt = instant(clock)
  const started = clock.monotonic()
  const result = (
    status: ModelResult['status'],
    rows: number | null,
    message: string,
  ): ModelResult => ({
    model: compiled.model.name,
    status,
    rows,
    startedAt,
    seconds: (clock.monotonic() - started) / 1000,
    message,
  })
  const { file } = compiled.model.template
  try {
    const why = await refusal(warehouse, compiled.sql)
    if (why !== null) return result('error', null, `${file} ${why}`)
    const rows = await warehouse.transaction((queries) =>
      materialise(queries, compiled),
    )
    return result('success', rows, rows === null ? 'view' : `${rows} rows`)
  } catch (error) {
    if (isOfTheMachine(error)) throw error
    return result('error', null, `${file}: ${sqlMessage(error)}`)
  }
}

/** The select stands alone in brackets, so it cannot become a statement. */
async function materialise(
  queries: Queries,
  { model, sql, required }: CompiledModel,
): Promise<number | null> {
  const { schema, name } = model.relation
  const target = relation(schema, name)
  await makeRoom(queries, model.relation, model.materialized === 'view')
  if (model.materialized === 'view') {
    await queries.run(`create or replace view ${target} as (\n${sql}\n)`)
    if (required.size > 0) await requireColumns(queries, model, required)
    return null
  }
  if (model.materialized !== 'table') {
    const edges = { schema, name: `${name}__edge` }
    const from = relation(edges.schema, edges.name)
    await queries.run(`create or replace table ${from} as (\n${sql}\n)`)
    const make = model.materialized === 'linkage' ? linkage : components
    await make(queries, { edges, into: model.relation })
    await queries.run(`drop table ${from}`)
  } else {
    await queries.run(`create or replace table ${target} as (\n${sql}\n)`)
  }
  if (required.size > 0) await requireColumns(queries, model, required)
  const counted = await queries.one<{ rows: number }>(
    `select count(*) as rows from ${target}`,
  )
  return counted.rows
}

/** A table does not replace a view of the same name, nor the other way. */
async function makeRoom(
  queries: Queries,
  { schema, name }: { schema: string; name: string },
  isView: boolean,
): Promise<void> {
  const other = isView ? 'duckdb_tables()' : 'duckdb_views()'
  const column = isView ? 'table_name' : 'view_name'
  const found = await queries.rows(
    `select 1 from ${other} where schema_name = $1 and ${column} = $2`,
    [schema, name],
  )
  if (found.length === 0) return
  await queries.run(
    `drop ${isView ? 'table' : 'view'} ${relation(schema, name)}`,
  )
}
