/** Which way a plan row goes to Marketo; pure. */
import type { FieldRules } from './field-rule.js'
import type { PlanHeader, PlanRow, UpdateRow } from './plan.js'
import { crmRank } from './predict.js'

export type Route = 'merge' | 'sync' | 'import' | 'create'

/** Rows of one lane are sent together. */
export interface Lane {
  readonly name: string
  readonly route: Route
  /** Whether its rows are paced for the CRM. */
  readonly isPaced: boolean
}

/**
 * Types whose text an import is sure to take as we write it. How it reads
 * times is not documented, so dates go by sync calls.
 */
const importTypes: ReadonlySet<string> = new Set([
  'string',
  'text',
  'textarea',
  'email',
  'phone',
  'url',
  'integer',
  'float',
  'currency',
  'percent',
  'score',
  'boolean',
])

/**
 * Whether a value comes through a CSV byte for byte. What an empty cell or
 * the word null does there is not documented, nor whether blanks around a
 * value and line ends in it stay.
 */
function survivesCsv(value: string | null): boolean {
  if (value === null || value === '' || /^null$/i.test(value)) return false
  return value.trim() === value && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value)
}

export function isImportable(row: UpdateRow, rules: FieldRules): boolean {
  return Object.entries(row.set).every(
    ([field, value]) =>
      importTypes.has(rules.type(field)) && survivesCsv(value),
  )
}

/**
 * The fields that an update writes. Rows of one import have the same, so that
 * no cell of its file is blank.
 */
export function fieldsOf(row: UpdateRow): readonly string[] {
  return Object.keys(row.set).toSorted()
}

export function fieldKey(fields: readonly string[]): string {
  return fields.join(' ')
}

/** Leads of a row that the CRM knows; its sync will have to follow them. */
export function crmRecords(row: PlanRow): number {
  if (row.kind === 'create') return 0
  if (row.kind === 'update') return row.crm === true ? 1 : 0
  return Object.values(row.before).filter((lead) => crmRank(lead) > 0).length
}

/** Field keys of the updates that a plan sends by import. */
export function importKeys({ price }: PlanHeader): ReadonlySet<string> {
  return new Set(price.imports?.map(({ fields }) => fieldKey(fields)))
}

export interface LaneRules {
  /** Field keys of the updates that go by import. */
  readonly imports: ReadonlySet<string>
  readonly rules: FieldRules
  readonly crmRecordsPerHour: number | null
  /** Whether a row was in an import before; then it never is again. */
  readonly wasImported: (row: string) => boolean
}

export function laneOf(row: PlanRow, by: LaneRules): Lane {
  const isPaced = by.crmRecordsPerHour !== null && crmRecords(row) > 0
  const paced = isPaced ? ' paced' : ''
  if (row.kind !== 'update') {
    return { name: `${row.kind}${paced}`, route: row.kind, isPaced }
  }
  const key = fieldKey(fieldsOf(row))
  const canImport =
    !isPaced &&
    by.imports.has(key) &&
    isImportable(row, by.rules) &&
    !by.wasImported(row.row)
  return canImport
    ? { name: `import ${key}`, route: 'import', isPaced }
    : { name: `sync${paced}`, route: 'sync', isPaced }
}
