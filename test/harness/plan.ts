/** A plan file for a schedule, as the product's planner would write it. */
import { canonicalJson, digest } from '../../src/load/canonical.js'
import { consentRules } from '../../src/load/consent.js'
import { FieldRules } from '../../src/load/field-rule.js'
import type { MergeRow, UpdateRow } from '../../src/load/plan.js'
import { checkGuardrails } from '../../src/load/guard.js'
import { planName } from '../../src/load/plan-file.js'
import { PlanTally } from '../../src/load/plan-size.js'
import { mergeRow, updateRow } from '../../src/load/plan-row.js'
import { rulesHash } from '../../src/pipeline/rules-hash.js'
import type { LeadSchema } from '../../src/marketo/api.js'
import { pipeline } from '../load/pipeline.js'
import { fields, type Lead, type Value } from './marketo.js'
import type { Wanted } from './wanted.js'

export const tool = 'harness'
export const instance = '123-ABC-456'

export const schema: LeadSchema = {
  fields: fields.map((one) => ({
    ...one,
    displayName: one.name,
    crmManaged: false,
  })),
  searchable: ['id'],
}

const rules = new FieldRules(schema)
const rulesOfPipeline = rulesHash(pipeline)

function text(value: Value | undefined): string | null {
  return value === undefined || value === null ? null : String(value)
}

export interface MadePlan {
  readonly name: string
  readonly text: string
  readonly rows: readonly (MergeRow | UpdateRow)[]
}

/** @param asOf milliseconds since the epoch */
export function planOf(
  wanted: Wanted,
  leads: readonly Lead[],
  asOf: number,
): MadePlan {
  const records = new Map(leads.map((lead) => [String(lead['id']), lead]))
  const rows = rowsOf(wanted, records)
  const tally = new PlanTally(consentRules(pipeline))
  for (const row of rows) tally.take(row)
  const size = tally.size(5000, 0)
  const body = rows.map((row) => `${canonicalJson(row)}\n`).join('')
  const header = {
    version: 1,
    tool,
    pipeline: pipeline.name,
    instance,
    asOf: new Date(asOf).toISOString(),
    rules: rulesOfPipeline,
    leads: 5000,
    merges: size.merges,
    losers: size.losers,
    updates: size.updates,
    price: { calls: 1, minutes: 1, share: 0, crm: 0, ...imports(wanted, rows) },
    guardrails: checkGuardrails(size, pipeline.load.guardrails),
  }
  const hash = digest(body + canonicalJson(header))
  const whole = `${canonicalJson({ ...header, hash })}\n${body}`
  return { name: planName(hash), text: whole, rows }
}

/** The updates that go by import share their fields. */
function imports(
  { byImport = [] }: Wanted,
  rows: readonly (MergeRow | UpdateRow)[],
) {
  const first = rows.find(
    (row) => row.kind === 'update' && row.id === byImport[0]?.id,
  )
  if (first === undefined) return {}
  const one = { rows: byImport.length, files: 1, bytes: 1, calls: 1 }
  return { imports: [{ fields: Object.keys(first.set).toSorted(), ...one }] }
}

function rowsOf(
  wanted: Wanted,
  records: ReadonlyMap<string, Lead>,
): (MergeRow | UpdateRow)[] {
  const merges = wanted.merges.map((merge, index) => {
    const values = [merge.winner, ...merge.losers].map((id) => {
      const held = Object.entries(records.get(id) ?? {})
      return [id, new Map(held.map(([name, v]) => [name, text(v)]))] as const
    })
    const facts = {
      winner: merge.winner,
      losers: merge.losers,
      mergeInCrm: merge.inCrm,
      service: 'harness',
      rules: ['same email'],
      why: 'oldest',
      guarded: ['email', 'sfdcType'],
      survivors: merge.survivors.map(({ field, value, consent }) => ({
        field,
        value: text(value),
        source: null,
        rule: 'harness',
        consent,
      })),
      values: new Map(values),
    }
    return mergeRow(facts, rules, index + 1)
  })
  const wantedUpdates = [...wanted.updates, ...(wanted.byImport ?? [])]
  const updates = wantedUpdates.flatMap(({ id, set }, index) => {
    const facts = Object.entries(set).map(([field, after]) => ({
      field,
      before: text(records.get(id)?.[field]),
      after,
      service: 'harness',
      reason: null,
    }))
    const row = updateRow({ id }, facts, rules, index + 1)
    return row === null ? [] : [row]
  })
  return [...merges, ...updates]
}
