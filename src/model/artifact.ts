/** Compiled SQL and dbt-shaped artifacts, for tools that know dbt. */
import { mkdirSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { replaceDerived, replaceFile } from '../durable.js'
import type { ModelResult } from './build.js'
import type { TestResult } from './check.js'
import type { Compiled, CompiledModel, CompiledTest } from './compile.js'

const project = 'marketo_pipeline'
const manifestSchema = 'https://schemas.getdbt.com/dbt/manifest/v12.json'
const resultSchema = 'https://schemas.getdbt.com/dbt/run-results/v6.json'

const modelId = (name: string) => `model.${project}.${name}`
const testId = (name: string) => `test.${project}.${name}`
const sourceId = ({ schema, table }: { schema: string; table: string }) =>
  `source.${project}.${schema}.${table}`

function metadata(schema: string, at: string) {
  return {
    dbt_schema_version: schema,
    generated_at: at,
    project_name: project,
    adapter_type: 'duckdb',
  }
}

function modelNode({ model, sql, refs, sources }: CompiledModel) {
  return {
    resource_type: 'model',
    unique_id: modelId(model.name),
    name: model.name,
    schema: model.relation.schema,
    alias: model.relation.name,
    original_file_path: model.template.file,
    description: model.description,
    tags: model.tags,
    config: { materialized: model.materialized, tags: model.tags },
    columns: Object.fromEntries(
      model.columns.map((column) => [column.name, column]),
    ),
    depends_on: { nodes: [...refs.map(modelId), ...sources.map(sourceId)] },
    raw_code: model.template.text,
    compiled_code: sql,
  }
}

function testNode({ test, sql, refs }: CompiledTest) {
  return {
    resource_type: 'test',
    unique_id: testId(test.name),
    name: test.name,
    attached_node: modelId(test.model),
    config: { severity: test.severity },
    depends_on: { nodes: refs.map(modelId) },
    compiled_code: sql,
  }
}

/** `manifest.json`: what there is and what reads what. */
export function manifest(compiled: Compiled, at: string) {
  const nodes = [
    ...[...compiled.models.values()].map(modelNode),
    ...compiled.tests.map(testNode),
  ]
  return {
    metadata: metadata(manifestSchema, at),
    nodes: Object.fromEntries(nodes.map((node) => [node.unique_id, node])),
    sources: Object.fromEntries(
      [...compiled.project.sources.values()].map((source) => [
        sourceId(source),
        {
          resource_type: 'source',
          unique_id: sourceId(source),
          schema: source.schema,
          name: source.table,
          description: source.description,
        },
      ]),
    ),
    parent_map: Object.fromEntries(
      nodes.map((node) => [node.unique_id, node.depends_on.nodes]),
    ),
  }
}

function timing(startedAt: string, seconds: number) {
  const end = new Date(Date.parse(startedAt) + seconds * 1000).toISOString()
  return [{ name: 'execute', started_at: startedAt, completed_at: end }]
}

/** `run_results.json`: what was executed and how it ended. */
function runResults(
  models: readonly ModelResult[],
  tests: readonly TestResult[],
  at: string,
) {
  const results = [
    ...models.map((result) => ({
      unique_id: modelId(result.model),
      status: result.status,
      timing: timing(result.startedAt, result.seconds),
      thread_id: 'Thread-1',
      execution_time: result.seconds,
      adapter_response:
        result.rows === null ? {} : { rows_affected: result.rows },
      message: result.message,
      failures: null,
    })),
    ...tests.map((result) => ({
      unique_id: testId(result.test),
      status: result.status,
      timing: timing(result.startedAt, result.seconds),
      thread_id: 'Thread-1',
      execution_time: result.seconds,
      adapter_response: {},
      message: result.message,
      failures: result.failures,
    })),
  ]
  return {
    metadata: metadata(resultSchema, at),
    results,
    elapsed_time: results.reduce((sum, each) => sum + each.execution_time, 0),
    args: {},
  }
}

/** Writes the compiled SQL as `compiled/<path>.sql`. */
export function writeCompiled(folder: string, compiled: Compiled): void {
  for (const { model, sql } of compiled.models.values()) {
    const file = join(folder, 'compiled', `${model.path}.sql`)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    replaceDerived(file, sql)
  }
}

export interface Artifacts {
  readonly compiled: Compiled
  readonly models: readonly ModelResult[]
  readonly tests: readonly TestResult[]
  /** When they are made, ISO 8601. */
  readonly at: string
}

/** Writes all artifacts, each file whole or not at all. */
export async function writeArtifacts(
  folder: string,
  { compiled, models, tests, at }: Artifacts,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  writeCompiled(folder, compiled)
  await replaceFile(
    join(folder, 'manifest.json'),
    `${JSON.stringify(manifest(compiled, at), null, 2)}\n`,
  )
  await replaceFile(
    join(folder, 'run_results.json'),
    `${JSON.stringify(runResults(models, tests, at), null, 2)}\n`,
  )
}
