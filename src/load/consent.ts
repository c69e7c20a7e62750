/** No plan row may let mail through to somebody who stopped it; pure. */
import { exitCode, PipelineError } from '../error.js'
import { standardConsent } from '../pipeline/field.js'
import type { ConsentRule, Pipeline } from '../pipeline/pipeline.js'
import type { LeadRecord } from '../marketo/api.js'
import type {
  CreateRow,
  MergeRow,
  PlanRow,
  Text,
  UpdateRow,
  Values,
} from './plan.js'
import { loserCalls, predictCalls } from './predict.js'
import { recordText } from './text.js'

export type ConsentRules = ReadonlyMap<string, ConsentRule>

/** Those of every dedupe service, over the standard opt-outs. */
export function consentRules(pipeline: Pipeline): ConsentRules {
  const declared = pipeline.services.flatMap((service) =>
    service.type === 'dedupe' ? service.consent : [],
  )
  return new Map(
    [...standardConsent, ...declared].map(({ field, rule }) => [field, rule]),
  )
}

/**
 * The first consent field that the row would leave laxer than any of its
 * leads has it, or null; for a merge after each of its calls, because the next
 * one may be refused. Dates are no permission by themselves, so `earliest`
 * and `latest` have no laxer side.
 */
export function relaxedConsent(
  row: PlanRow,
  rules: ConsentRules,
): string | null {
  const stages = row.kind === 'merge' ? mergeStages(row) : [updated(row)]
  for (const { leads, left } of stages) {
    for (const [field, rule] of rules) {
      const value = left[field]
      if (value === undefined) continue
      const held = leads.map((values) => values[field] ?? null)
      if (held.some((before) => isLaxer(rule, before, value))) return field
    }
  }
  return null
}

/** What is left of some leads. */
interface Stage {
  readonly leads: readonly Values[]
  readonly left: Values
}

function updated({ before, set }: UpdateRow | CreateRow): Stage {
  return { leads: [before], left: set }
}

/** After what is written first, after each call, and what the plan says. */
function mergeStages(row: MergeRow): readonly Stage[] {
  const { losers, mergeInCrm, before, after } = row
  const winner = before[row.winner] ?? {}
  const calls = loserCalls(losers, mergeInCrm).map((ids) =>
    ids.map((id) => before[id] ?? {}),
  )
  const stages = Array.from({ length: calls.length + 1 }, (_, made) => {
    const part = calls.slice(0, made)
    const left = predictCalls({ ...winner, ...row.set }, part)
    return { leads: [winner, ...part.flat()], left: texts(left) }
  })
  return [...stages, { leads: Object.values(before), left: after }]
}

function texts(record: LeadRecord): Values {
  return Object.fromEntries(
    Object.entries(record).map(
      ([field, value]) => [field, recordText(value, 'string')] as const,
    ),
  )
}

/** Whether a value lets mail through that the one before stops. */
export function isLaxer(rule: ConsentRule, before: Text, after: Text): boolean {
  if (rule === 'any_true') return isTrue(before) && !isTrue(after)
  if (rule === 'all_true') return isFalse(before) && isTrue(after)
  if (typeof rule === 'string' || before === null) return false
  return laxity(rule.values, after) > laxity(rule.values, before)
}

/** A value that is not listed is stricter than the last one only. */
function laxity(values: readonly string[], value: Text): number {
  if (value === null) return values.length
  const folded = value.trim().toLowerCase()
  const place = values.findIndex((each) => each.trim().toLowerCase() === folded)
  return place === -1 ? values.length - 1.5 : place
}

function isTrue(value: Text): boolean {
  return value === 'true' || value === '1'
}

function isFalse(value: Text): boolean {
  return value === 'false' || value === '0'
}

/** Consent fields that a row changes, to stricter values as they must be. */
export function changedConsent(row: PlanRow, rules: ConsentRules): number {
  const [before, after] =
    row.kind === 'merge'
      ? [row.before[row.winner] ?? {}, row.after]
      : [row.before, row.set]
  return Object.entries(after).filter(
    ([field, value]) => rules.has(field) && (before[field] ?? null) !== value,
  ).length
}

export function consentLost(row: PlanRow, field: string): PipelineError {
  const lead = row.kind === 'merge' ? row.winner : row.id
  return new PipelineError(
    'consent_lost',
    `The plan would let mail through where ${field} stops it: lead ${lead} (service ${row.reason.service}). Nothing was planned; let no rule or model write a weaker ${field}, and see that the API user may write that field.`,
    { exit: exitCode.failed, details: { field, lead } },
  )
}
