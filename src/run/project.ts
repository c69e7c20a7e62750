/** The project's models in the light of a pipeline and what was landed. */
import { join } from 'node:path'
import { badInput, type PipelineError } from '../error.js'
import { fieldsToExport } from '../extract/column.js'
import { isCompanyField } from '../load/field-rule.js'
import type { LeadSchema } from '../marketo/api.js'
import { type Compiled, compileProject } from '../model/compile.js'
import { ownProject, ownWords } from '../model/own.js'
import { loadProject, type Project } from '../model/project.js'
import { requirementsOf } from '../model/requirement.js'
import { type ExportedField, ruleContext } from '../model/rule.js'
import { ruleHelpers } from '../model/rule-helper.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { Warehouse } from '../warehouse/warehouse.js'

/** Fields that the landed extracts hold, with Marketo's types. */
async function landedFields(warehouse: Warehouse): Promise<ExportedField[]> {
  const fields = await warehouse.rows<{
    name: string
    type: string | null
    length: number | null
    updateable: boolean | null
  }>(
    `select
       columns.column_name as name,
       field.data_type as type,
       field.length as length,
       field.updateable as updateable
     from duckdb_columns() as columns
     left join raw.field as field on field.name = columns.column_name
     where columns.schema_name = 'raw' and columns.table_name = 'lead'
       and columns.column_name not in ('id', '_extract', '_seen_at')
     order by columns.column_name`,
  )
  return fields.map(({ name, type, length, updateable }) => ({
    name,
    dataType: type ?? 'string',
    length,
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

/** A pipeline, and where its file says what. */
type Located = Pick<LoadedPipeline, 'pipeline' | 'locate'>

/** Renders every model; needs raw tables, reads nothing else. */
export async function compileModels(
  warehouse: Warehouse,
  loaded: Located,
  projectDir: string,
): Promise<Compiled> {
  const { pipeline } = loaded
  const asOf = await landedAt(warehouse, pipeline)
  const fields = await landedFields(warehouse)
  const project = await pipelineProject(loaded, projectDir)
  return compileWith(project, { pipeline, fields, asOf })
}

/** The columns to export: models of the user's own read some more. */
export async function exportedFields(
  loaded: Located,
  schema: LeadSchema,
  projectDir: string,
): Promise<string[]> {
  const words = await wordsOf(loaded, projectDir)
  return fieldsToExport(loaded.pipeline, schema, words)
}

/** Names in models of the user's own, some of which may be fields. */
export async function wordsOf(
  loaded: Located,
  projectDir: string,
): Promise<ReadonlySet<string>> {
  const { services } = loaded.pipeline
  const hasOwn = services.some(({ type }) => type === 'enrich')
  if (!hasOwn) return new Set()
  return ownWords(await pipelineProject(loaded, projectDir))
}

/**
 * Renders every model as the extract that is about to begin will have it, so
 * that a mistake shows before the export's bytes are spent. Throws (exit 3).
 */
export async function checkModels(
  loaded: Located,
  schema: LeadSchema,
  { projectDir, asOf }: { projectDir: string; asOf: string },
): Promise<void> {
  const { pipeline } = loaded
  const wanted = new Set(await exportedFields(loaded, schema, projectDir))
  const fields = schema.fields
    .filter(({ name }) => wanted.has(name) && name !== 'id')
    .map(({ name, dataType, length, updateable }) => ({
      name,
      dataType,
      length,
      writable: updateable && !isCompanyField(name),
    }))
  const project = await pipelineProject(loaded, projectDir)
  compileWith(project, { pipeline, fields, asOf })
}

function compileWith(
  project: Project,
  rules: Parameters<typeof ruleContext>[0],
): Compiled {
  const context = ruleContext(rules)
  const helpers = ruleHelpers(context)
  const requirements = requirementsOf(rules.pipeline)
  return compileProject(project, { context, helpers, requirements })
}

/** Models that a run itself reads, whatever else a project has. */
const needed = [
  'lead',
  'duplicate_group',
  'review_queue',
  'load_merge',
  'load_merge_before',
  'load_merge_survivor',
  'load_update',
  'write_fault',
]

/** The models that this pipeline builds, and the sources that they read. */
export async function pipelineProject(
  loaded: Located,
  projectDir: string,
): Promise<Project> {
  const project = await wholeProject(projectDir)
  return ownProject(project, loaded.pipeline, (path) => loaded.locate(path))
}

async function wholeProject(projectDir: string): Promise<Project> {
  const project = await loadProject(join(projectDir, 'models'), projectDir)
  const missing = needed.filter((name) => !project.models.has(name))
  if (missing.length === 0) return project
  throw badInput(
    'models_missing',
    `${join(projectDir, 'models')} lacks ${missing.join(', ')}, without which no plan can be made; put the ${missing.length === 1 ? 'model' : 'models'} back.`,
    { missing },
  )
}
