import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../durable.js'
import { asError, exitCode, PipelineError } from '../error.js'
import type { LeadSchema, Marketo } from '../marketo/api.js'
import { fieldUses } from '../pipeline/field.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { fieldsToExport } from './column.js'
import {
  type Contract,
  compareFields,
  type ContractField,
  type FieldChange,
} from './contract.js'

/** The file is the source of the tables, so that no rebuild loses history. */
function contractPath(folder: string): string {
  return join(folder, 'contract.json')
}

/** null where no run has written one, or nobody can read it. */
export async function readContract(folder: string): Promise<Contract | null> {
  try {
    const read: unknown = JSON.parse(
      await readFile(contractPath(folder), 'utf8'),
    )
    return isContract(read) ? read : null
  } catch (thrown) {
    const error = asError(thrown)
    const isMissing = 'code' in error && error.code === 'ENOENT'
    if (isMissing || error instanceof SyntaxError) return null
    throw error
  }
}

function isContract(value: unknown): value is Contract {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    value.version === 1 &&
    'fields' in value &&
    Array.isArray(value.fields)
  )
}

export async function saveContract(
  folder: string,
  contract: Contract,
): Promise<void> {
  await replaceFile(contractPath(folder), `${JSON.stringify(contract)}\n`)
}

/** The instance's fields now, beside those of the run before. */
export async function lookAtFields(
  marketo: Marketo,
  schema: LeadSchema,
  folder: string,
): Promise<{ contract: Contract; changes: readonly FieldChange[] }> {
  const details = await marketo.fieldDetails()
  const nothing = { id: null, isHidden: null, isSensitive: null }
  const facts = schema.fields.map((field) => {
    return { ...field, ...(details.get(field.name) ?? nothing) }
  })
  const seenAt = new Date(marketo.serverNow()).toISOString()
  return compareFields(await readContract(folder), facts, seenAt)
}

/** New name of each field that was renamed, by its former ones. */
export function newNames({ fields }: Contract): ReadonlyMap<string, string> {
  const present = fields.filter(({ change }) => change !== 'removed')
  return new Map(
    present.flatMap(({ name, formerNames }) =>
      formerNames.map((former) => [former, name] as const),
    ),
  )
}

/** As `newNames`, of the contract on disk. */
export async function renamedFields(
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const contract = await readContract(folder)
  return contract === null ? new Map() : newNames(contract)
}

/** What a frozen contract does not let happen to a field that is used. */
const breaking = new Set([
  'removed',
  'renamed',
  'retyped',
  'shortened',
  'read_only',
  'crm_managed',
])

/**
 * Throws `contract_frozen` (exit 7) where the pipeline says `freeze` and a
 * field that it exports or writes is not what it was.
 * @param words names in models of the user's own; those that are fields count
 */
export function judgeChanges(
  pipeline: Pipeline,
  changes: readonly FieldChange[],
  { fields }: Contract,
  words: ReadonlySet<string> = new Set(),
): void {
  if (pipeline.extract.contract !== 'freeze') return
  const used = usedFields(pipeline, fields, words)
  const broken = changes.filter(
    ({ change, field, before }) =>
      breaking.has(change) && (used.has(field) || used.has(before ?? '')),
  )
  if (broken.length === 0) return
  throw new PipelineError(
    'contract_frozen',
    `The fields of Marketo changed, and extract.contract of ${pipeline.file} is freeze, so nothing was exported: ${broken.map(changeText).join('; ')}. Check the rules, then set extract.contract to evolve for one run, which takes the fields as they are now.`,
    { exit: exitCode.guardrail, details: { changes: broken } },
  )
}

function usedFields(
  pipeline: Pipeline,
  fields: readonly ContractField[],
  words: ReadonlySet<string>,
): ReadonlySet<string> {
  const schema = { fields, searchable: [] }
  return new Set([
    ...fieldsToExport(pipeline, schema, words),
    ...words,
    ...fieldUses(pipeline).map(({ field }) => field),
  ])
}

/** `leadScore was retyped from integer to string`. */
export function changeText(change: FieldChange): string {
  const { field, before, after } = change
  switch (change.change) {
    case 'new':
      return `${field} is new`
    case 'removed':
      return `${field} is gone`
    case 'returned':
      return `${field} is back`
    case 'renamed':
      return `${before} is now called ${field}`
    case 'retyped':
      return `${field} was ${before} and is ${after}`
    case 'shortened':
    case 'lengthened':
      return `${field} was ${change.change} from ${before} to ${after} characters`
    case 'read_only':
      return `${field} became read-only`
    case 'writable':
      return `${field} became writable`
    case 'crm_managed':
      return `${field} is managed by the CRM now`
    case 'hidden':
      return `${field} was hidden`
  }
}
