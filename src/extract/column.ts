import { badInput, type PipelineError } from '../error.js'
import type { LeadField, LeadSchema } from '../marketo/api.js'
import { type FieldUse, fieldUses } from '../pipeline/field.js'
import { nearest } from '../pipeline/nearest.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { ruleFields } from '../pipeline/rule-field.js'
import { dotted, type Path, shown } from '../pipeline/problem.js'

/** Kinds of fields that a bulk export does not have (Adobe docs). */
const notExported = new Set(['formula', 'lead_function'])

/**
 * The columns to export, sorted: those that the rules, the analysts and every
 * run need, as far as the instance has them. Bytes are the scarcest quota.
 * @param words names in models of the user's own; those that are fields count
 */
export function fieldsToExport(
  pipeline: Pipeline,
  schema: LeadSchema,
  words: ReadonlySet<string> = new Set(),
): string[] {
  const has = new Set(schema.fields.filter(isExported).map(({ name }) => name))
  const wanted = new Set(ruleFields(pipeline))
  for (const field of pipeline.extract.fields) wanted.add(field)
  for (const word of words) wanted.add(word)
  const fields = [...wanted].filter((field) => has.has(field)).toSorted()
  refuseTwins(fields)
  return fields
}

function isExported({ dataType }: LeadField): boolean {
  return !notExported.has(dataType)
}

/** In the warehouse, names that differ in case only are the same column. */
function refuseTwins(fields: readonly string[]): void {
  const seen = new Map<string, string>()
  for (const field of fields) {
    const twin = seen.get(field.toLowerCase())
    if (twin !== undefined) {
      throw badInput(
        'field_twins',
        `The fields ${twin} and ${field} differ in case only, which two columns of a table cannot; use only one of them in the pipeline.`,
        { fields: [twin, field] },
      )
    }
    seen.set(field.toLowerCase(), field)
  }
}

type Locate = (path: Path) => { readonly line: number; readonly column: number }

/**
 * Throws `field` (exit 3) with one line for every rule that names a field
 * which this instance lacks, cannot export, or does not let anybody write.
 * `renamed` has the names of today by former ones.
 */
export function checkFields(
  pipeline: Pipeline,
  schema: LeadSchema,
  locate: Locate,
  file: string,
  renamed: ReadonlyMap<string, string> = new Map(),
): void {
  const fields = new Map(schema.fields.map((field) => [field.name, field]))
  const problems = fieldUses(pipeline)
    .map((use) => ({ ...use, fault: fault(use, fields, renamed) }))
    .filter(({ fault: found }) => found !== null)
    .map(({ path, fault: found }) => ({ ...locate(path), path, fault: found }))
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .map(
      ({ line, column, path, fault: found }) =>
        `${file}:${line}:${column}  ${dotted(path)} ${found}`,
    )
  if (problems.length > 0) throw fieldError([...new Set(problems)])
}

function fault(
  { field, purpose, isNamed }: FieldUse,
  fields: ReadonlyMap<string, LeadField>,
  renamed: ReadonlyMap<string, string>,
): string | null {
  const found = fields.get(field)
  if (found === undefined) {
    if (!isNamed) return null
    const now = renamed.get(field)
    return now === undefined
      ? lacking(field, [...fields.keys()])
      : `names the field ${shown(field)}, which is called ${now} in Marketo now. Write that.`
  }
  if (!isExported(found)) {
    return isNamed
      ? `names the field ${shown(field)}, which Marketo computes and does not export. Use another field.`
      : null
  }
  if (purpose === 'write' && isNamed) return unwritable(found)
  return null
}

function lacking(field: string, names: readonly string[]): string {
  const near = nearest(field, names)
  const help =
    near.length === 0
      ? 'Look its name up in Admin, Field Management, Export Field Names.'
      : `Nearest ${near.length === 1 ? 'field' : 'fields'}: ${near.join(', ')}.`
  return `names the field ${shown(field)}, which this instance does not have. ${help}`
}

function unwritable(field: LeadField): string | null {
  if (field.crmManaged) {
    return `would write the field ${field.name}, which the CRM manages. Write another field, or change it in the CRM.`
  }
  if (!field.updateable) {
    return `would write the field ${field.name}, which Marketo lets nobody write. Write another field.`
  }
  return null
}

function fieldError(problems: readonly string[]): PipelineError {
  return badInput('field', problems.join('\n'), { problems })
}
