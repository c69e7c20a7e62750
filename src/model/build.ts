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
import { examine, isOfTheMachine, refusal, requireSealed } from './statement.js'

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
  await examine(
    warehouse,
    wanted.map(({ sql }) => sql),
  )
  const before = await standing(warehouse)
  const results: ModelResult[] = []
  const broken = new Set<string>()
  for (const each of wanted) {
    signal.throwIfAborted()
    const failed = each.refs.find((ref) => broken.has(ref))
    const result =
      failed === undefined
        ? await buildOne(warehouse, each, { clock, standing: before })
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

/** What stands there: a table does not replace a view, nor the other way. */
type Standing = ReadonlyMap<string, 'table' | 'view'>

async function standing(warehouse: Warehouse): Promise<Standing> {
  const found = await warehouse.rows<{
    name: string
    kind: 'table' | 'view'
  }>(
    `select schema_name || '.' || table_name as name, 'table' as kind
     from duckdb_tables() where database_name = current_database()
     union all
     select schema_name || '.' || view_name, 'view'
     from duckdb_views()
     where database_name = current_database() and not internal`,
  )
  return new Map(found.map(({ name, kind }) => [name, kind]))
}

interface Making {
  readonly clock: Clock
  readonly standing: Standing
}

async function buildOne(
  warehouse: Warehouse,
  compiled: CompiledModel,
  { clock, standing: before }: Making,
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
    const rows = await make(warehouse, compiled, before)
    return result('success', rows, rows === null ? 'view' : `${rows} rows`)
  } catch (error) {
    if (isOfTheMachine(error)) throw error
    return result('error', null, `${file}: ${sqlMessage(error)}`)
  }
}

/** Rows of what was made, whole or not at all; null for a view. */
async function make(
  warehouse: Warehouse,
  compiled: CompiledModel,
  before: Standing,
): Promise<number | null> {
  const { model, required } = compiled
  const { schema, name } = model.relation
  const kind = model.materialized === 'view' ? 'view' : 'table'
  const other = before.get(`${schema}.${name}`) ?? kind
  const isOneStatement =
    ['table', 'view'].includes(model.materialized) &&
    other === kind &&
    required.size === 0
  if (isOneStatement) return await create(warehouse, compiled)
  return await warehouse.transaction(async (queries) => {
    if (other !== kind) {
      await queries.run(`drop ${other} ${relation(schema, name)}`)
    }
    return await materialise(queries, compiled)
  })
}

/** The select stands alone in brackets, so it cannot become a statement. */
async function create(
  queries: Pick<Queries, 'rows'>,
  { model, sql }: CompiledModel,
): Promise<number | null> {
  const { materialized, relation: at } = model
  const kind = materialized === 'view' ? 'view' : 'table'
  const [made] = await queries.rows<{ Count: number }>(
    `create or replace ${kind} ${relation(at.schema, at.name)} as (\n${sql}\n)`,
  )
  // DuckDB answers with the rows of a table, and with none for a view.
  return made?.Count ?? null
}

async function materialise(
  queries: Queries,
  compiled: CompiledModel,
): Promise<number | null> {
  const { model, sql, required } = compiled
  let rows: number | null
  if (model.materialized === 'table' || model.materialized === 'view') {
    rows = await create(queries, compiled)
  } else {
    const { schema, name } = model.relation
    const edges = { schema, name: `${name}__edge` }
    const from = relation(edges.schema, edges.name)
    await queries.run(`create or replace table ${from} as (\n${sql}\n)`)
    const join = model.materialized === 'linkage' ? linkage : components
    await join(queries, { edges, into: model.relation })
    await queries.run(`drop table ${from}`)
    const counted = await queries.one<{ rows: number }>(
      `select count(*) as rows from ${relation(schema, name)}`,
    )
    rows = counted.rows
  }
  if (required.size > 0) await requireColumns(queries, model, required)
  return rows
}
