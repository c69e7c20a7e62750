/** What enrich services need of the models that they name. */
import type { Pipeline } from '../pipeline/pipeline.js'
import { didYouMean } from '../pipeline/problem.js'
import type { Queries } from '../warehouse/session.js'
import type { CompiledTest } from './compile.js'
import type { Model } from './model.js'

/** By model: the columns that services write, and who wants them. */
export type Requirements = ReadonlyMap<string, ReadonlyMap<string, string>>

export function requirementsOf({ services }: Pipeline): Requirements {
  const wanted = new Map<string, Map<string, string>>()
  for (const service of services) {
    if (service.type !== 'enrich') continue
    const model = service.model.split('/').at(-1) ?? service.model
    const columns = wanted.get(model) ?? new Map<string, string>()
    columns.set('id', columns.get('id') ?? `services.${service.name}`)
    for (const { field, rule } of service.write) {
      if (columns.has(rule)) continue
      columns.set(rule, `services.${service.name}.write.${field}`)
    }
    wanted.set(model, columns)
  }
  return wanted
}

const wholeNumber = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/

/**
 * Throws where a model that was just built lacks a column that a service
 * names, or its id is no whole number, which no lead's id can be compared to.
 */
export async function requireColumns(
  { rows }: Pick<Queries, 'rows'>,
  { relation }: Model,
  wanted: ReadonlyMap<string, string>,
): Promise<void> {
  const columns = await rows<{ name: string; type: string }>(
    `select column_name as name, data_type as type from duckdb_columns()
     where database_name = current_database()
       and schema_name = $1 and table_name = $2 order by column_index`,
    [relation.schema, relation.name],
  )
  const names = columns.map(({ name }) => name)
  for (const [column, why] of wanted) {
    if (names.includes(column)) continue
    const near = didYouMean(column, names)
    const all = near === '' ? ` It has ${names.join(', ')}.` : near
    throw new Error(`it has no column ${column}, which ${why} needs.${all}`)
  }
  const type = columns.find(({ name }) => name === 'id')?.type ?? ''
  if (wholeNumber.test(type)) return
  throw new Error(
    `its column id is of type ${type} and must be the whole number that stg_lead calls id; cast it.`,
  )
}

/** One row per lead: two would write two values into one field. */
export function leadTest(model: Model): CompiledTest['test'] {
  return {
    name: `one_row_per_lead_${model.name}`,
    model: model.name,
    severity: 'error',
    at: { line: 1, column: 1 },
    kind: 'unique',
    columns: ['id'],
  }
}
