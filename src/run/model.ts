/** The project's models in the light of a pipeline and what was landed. */
import { join } from 'node:path'
import type { Clock } from '../clock.js'
import { badInput, exitCode, PipelineError } from '../error.js'
import { isCompanyField } from '../load/field-rule.js'
import { type ModelResult, buildModels } from '../model/build.js'
import { type TestResult, testModels } from '../model/check.js'
import { type Compiled, compileProject } from '../model/compile.js'
import { loadProject } from '../model/project.js'
import { type ExportedField, ruleContext } from '../model/rule.js'
import { ruleHelpers } from '../model/rule-helper.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { Warehouse } from '../warehouse/warehouse.js'

/** Fields that the landed extracts hold, with Marketo's types. */
async function landedFields(warehouse: Warehouse): Promise<ExportedField[]> {
  const fields = await warehouse.rows<{
    name: string
    type: string | null
    updateable: boolean | null
  }>(
    `select
       columns.column_name as name,
       field.data_type as type,
       field.updateable as updateable
     from duckdb_columns() as columns
     left join raw.field as field on field.name = columns.column_name
     where columns.schema_name = 'raw' and columns.table_name = 'lead'
       and columns.column_name not in ('id', '_extract', '_seen_at')
     order by columns.column_name`,
  )
  return fields.map(({ name, type, updateable }) => ({
    name,
    dataType: type ?? 'string',
    writable: updateable === true && !isCompanyField(name),
  }))
}

async function landedAt(
  warehouse: Warehouse,
  pipeline: Pipeline,
): Promise<string> {
  const [latest] = await warehouse
    .rows<{ as_of: string }>(
      'select as_of from raw.extract order by as_of desc limit 1',
    )
    .catch(() => [])
  if (latest !== undefined) return latest.as_of
  throw nothingLanded(pipeline.name)
}

/** There is nothing to build models over. */
export function nothingLanded(pipeline: string): PipelineError {
  return badInput(
    'nothing_landed',
    `${pipeline} has no landed leads yet: pipeline extract ${pipeline}`,
  )
}

/** Renders every model; needs raw tables, reads nothing else. */
export async function compileModels(
  warehouse: Warehouse,
  pipeline: Pipeline,
  projectDir: string,
): Promise<Compiled> {
  const asOf = await landedAt(warehouse, pipeline)
  const context = ruleContext({
    pipeline,
    fields: await landedFields(warehouse),
    asOf,
  })
  const project = await loadProject(join(projectDir, 'models'), projectDir)
  return compileProject(project, { context, helpers: ruleHelpers(context) })
}

export interface Built {
  readonly models: readonly ModelResult[]
  readonly tests: readonly TestResult[]
}

export interface BuildRequest {
  /** Models to build; null: all. */
  readonly names: readonly string[] | null
  readonly onModel: (result: ModelResult, done: number, total: number) => void
  readonly onTest: (result: TestResult, done: number, total: number) => void
  readonly signal: AbortSignal
  readonly clock: Clock
}

export async function buildAll(
  warehouse: Warehouse,
  compiled: Compiled,
  { names, onModel, signal, clock }: BuildRequest,
): Promise<ModelResult[]> {
  return await interruptible(warehouse, signal, () =>
    buildModels(warehouse, compiled, { names, emit: onModel, signal, clock }),
  )
}

export async function testAll(
  warehouse: Warehouse,
  compiled: Compiled,
  { names, onTest, signal, clock }: BuildRequest,
  models: readonly ModelResult[],
): Promise<TestResult[]> {
  const broken = new Set(
    models
      .filter(({ status }) => status !== 'success')
      .map(({ model }) => model),
  )
  return await interruptible(warehouse, signal, () =>
    testModels(warehouse, compiled, {
      names,
      broken,
      emit: onTest,
      signal,
      clock,
    }),
  )
}

async function interruptible<T>(
  warehouse: Warehouse,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const stop = () => warehouse.interrupt()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const result = await work()
    signal.throwIfAborted()
    return result
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** What did not happen because of a failure, in words. */
const lost = {
  plan: 'Nothing was planned or published',
  publish: 'The plan was applied and is recorded, but nothing was published',
} as const

/** Throws (exit 1) where a model was not built. */
export function refuseBroken(
  models: readonly ModelResult[],
  before: keyof typeof lost,
): void {
  const failed = models.filter(({ status }) => status === 'error')
  const [first] = failed
  if (first === undefined) return
  const more = failed.length === 1 ? '' : ` (and ${failed.length - 1} more)`
  throw new PipelineError(
    'model_failed',
    `The model ${first.model} could not be built${more}: ${sentence(first.message)} ${lost[before]}; correct the model and run again.`,
    { exit: exitCode.failed, details: { models: failed.map((m) => m.model) } },
  )
}

/** Throws (exit 1) where a test failed. */
export function refuseFailing(
  tests: readonly TestResult[],
  pipeline: string,
  before: keyof typeof lost,
): void {
  const failed = tests.filter(
    ({ status }) => status === 'fail' || status === 'error',
  )
  const [first] = failed
  if (first === undefined) return
  const more = failed.length === 1 ? '' : ` (and ${failed.length - 1} more)`
  throw new PipelineError(
    'test_failed',
    `The test ${first.test} failed${more}: ${sentence(first.message)} ${lost[before]}; look with: pipeline show ${pipeline} --test ${first.test}`,
    { exit: exitCode.failed, details: { tests: failed.map((t) => t.test) } },
  )
}

/** DuckDB's messages end as they like. */
function sentence(text: string): string {
  const trimmed = text.trimEnd()
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`
}
