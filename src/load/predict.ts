import type { FieldValue, LeadRecord } from '../marketo/api.js'
import type { FieldRules } from './field-rule.js'
import type { Text, Values } from './plan.js'
import { scoreField, type ScoreHabit, summed } from './score.js'
import { canonicalText, recordText } from './text.js'

/** Losers that one merge call takes (Adobe docs, "Leads", error 1080). */
export const losersPerCall = 25

/** Rank of a record in the CRM; a higher one survives a merge. */
export function crmRank(record: LeadRecord): number {
  const type = String(record['sfdcType'] ?? '').toLowerCase()
  if (type === 'contact') return 2
  if (type === 'lead') return 1
  if (!isEmpty(record['sfdcContactId'])) return 2
  return isEmpty(record['sfdcLeadId']) ? 0 : 1
}

/** The rank, if a record that was deleted in the CRM has lost its own. */
function liveRank(record: LeadRecord): number {
  const deleted = canonicalText(record['sfdcIsDeleted'], 'boolean') === 'true'
  return deleted ? 0 : crmRank(record)
}

/**
 * The loser that Marketo would keep instead of the named winner: a CRM contact
 * beats a lead, a lead beats a record outside the CRM, and the first listed
 * wins among equals (Adobe docs, "Leads", merge). Null: the winner stays.
 */
export function outranking(
  winner: LeadRecord,
  losers: readonly LeadRecord[],
  rank: (record: LeadRecord) => number = crmRank,
): number | null {
  const ranks = losers.map(rank)
  const highest = Math.max(rank(winner), ...ranks)
  return highest > rank(winner) ? ranks.indexOf(highest) : null
}

/**
 * Whether the named winner is sure to survive. Nothing says what rank Marketo
 * gives a record that was deleted in the CRM, so both answers must agree.
 */
export function isSureWinner(
  winner: LeadRecord,
  losers: readonly LeadRecord[],
): boolean {
  return (
    outranking(winner, losers) === null &&
    outranking(winner, losers, liveRank) === null
  )
}

/**
 * What one merge call makes of the records. The survivor keeps what is not
 * empty, false and `createdAt` among it; what is empty comes from the first
 * listed loser alone, even where a later one has a value (Adobe support,
 * KCS-28666; booleans since March 2026). Where a loser outranks the winner it
 * takes the winner's place and the winner its own.
 */
export function predictMerge(
  merge: {
    readonly winner: LeadRecord
    readonly losers: readonly LeadRecord[]
  },
  habit: ScoreHabit = 'keep',
): LeadRecord {
  const other = outranking(merge.winner, merge.losers)
  const survivor =
    other === null ? merge.winner : (merge.losers[other] ?? merge.winner)
  const rest =
    other === null ? merge.losers : merge.losers.with(other, merge.winner)
  const [filler = {}] = rest
  const filled = Object.entries(filler).filter(
    ([field, value]) => isEmpty(survivor[field]) && !isEmpty(value),
  )
  const natural = { ...survivor, ...Object.fromEntries(filled) }
  const score = habit === 'sum' ? summed([survivor, ...rest]) : undefined
  return score === undefined ? natural : { ...natural, [scoreField]: score }
}

/** The same for a cluster that takes several calls, one after another. */
export function predictCalls(
  winner: LeadRecord,
  calls: readonly (readonly LeadRecord[])[],
  habit: ScoreHabit = 'keep',
): LeadRecord {
  return calls.reduce<LeadRecord>(
    (survivor, losers) => predictMerge({ winner: survivor, losers }, habit),
    winner,
  )
}

/**
 * Decided fields that must be written before the next call, because it alone
 * would not bring them: a later call may be refused, and what only it would
 * have brought is lost then, an opt-out of a lead that is gone among it. What
 * is not ours to write, and the score, count as the last call leaves them.
 */
export function unbrought(
  after: Values,
  winner: LeadRecord,
  calls: readonly (readonly LeadRecord[])[],
  rules: FieldRules,
  habit: ScoreHabit = 'keep',
): readonly string[] {
  const next = predictCalls(winner, calls.slice(0, 1), habit)
  const last = predictCalls(winner, calls, habit)
  return Object.entries(after).flatMap(([field, value]) => {
    if (value === null) return []
    const isOurs = field !== scoreField && rules.takes(field, value)
    const brought = (isOurs ? next : last)[field]
    return canonicalText(brought, rules.type(field)) === value ? [] : [field]
  })
}

/** With `mergeInCrm` the CRM takes two records at a time. */
export function loserCalls<Loser>(
  losers: readonly Loser[],
  mergeInCrm: boolean,
): readonly (readonly Loser[])[] {
  const size = mergeInCrm ? 1 : losersPerCall
  const count = Math.ceil(losers.length / size)
  return Array.from({ length: count }, (_, call) =>
    losers.slice(call * size, (call + 1) * size),
  )
}

export interface Difference {
  readonly field: string
  readonly predicted: Text
  readonly actual: Text
}

/** Marketo sets these by itself at every merge. */
export const unpredicted: readonly string[] = ['updatedAt']

/** Field by field over the whole schema, by meaning and not by spelling. */
export function compare(
  predicted: LeadRecord,
  actual: LeadRecord,
  rules: FieldRules,
  ignore: readonly string[] = unpredicted,
): readonly Difference[] {
  return rules.names
    .filter((field) => !ignore.includes(field))
    .map((field) => ({
      field,
      predicted: recordText(predicted[field], rules.type(field)),
      actual: recordText(actual[field], rules.type(field)),
    }))
    .filter(({ predicted: one, actual: other }) => one !== other)
}

function isEmpty(value: FieldValue | undefined): boolean {
  return value === null || value === undefined || value === ''
}
