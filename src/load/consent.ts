/** No plan row may let mail through to somebody who stopped it; pure. */
import { exitCode, PipelineError } from '../error.js'
import { standardConsent } from '../pipeline/field.js'
import type { ConsentRule, Pipeline } from '../pipeline/pipeline.js'
import type { MergeRow, PlanRow, Text, Values } from './plan.js'
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
 * leads has it, or null. Dates are no permission by themselves, so
 * `earliest` and `latest` have no laxer side.
 */
export function relaxedConsent(
  row: PlanRow,
  rules: ConsentRules,
): string | null {
  const leads = row.kind === 'merge' ? Object.values(row.before) : [row.before]
  const after = row.kind === 'merge' ? survivorOf(row) : row.set
  for (const [field, rule] of rules) {
    const value = after[field]
    if (value === undefined) continue
    const held = leads.map((values) => values[field] ?? null)
    if (held.some((before) => isLaxer(rule, before, value))) return field
  }
  return null
}

/** A field that the plan says nothing of is left to Marketo's merge. */
function survivorOf({ winner, losers, mergeInCrm, before, after }: MergeRow) {
  const calls = loserCalls(losers, mergeInCrm)
  const natural = predictCalls(
    before[winner] ?? {},
    calls.map((ids) => ids.map((id) => before[id] ?? {})),
  )
  const left = Object.entries(natural).map(
    ([field, value]) => [field, recordText(value, 'string')] as const,
  )
  return { ...Object.fromEntries(left), ...after } satisfies Values
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
