/** Compares what Marketo made of a row with what was foreseen; pure. */
import type { LeadRecord } from '../marketo/api.js'
import { held, type Records } from './assess.js'
import type { FieldRules } from './field-rule.js'
import type { MergeRow, UpdateRow, Values } from './plan.js'
import {
  compare,
  type Difference,
  loserCalls,
  predictCalls,
} from './predict.js'
import { refusalReason } from './refusal.js'
import { scoreField, type ScoreHabit } from './score.js'

export interface MergeCheck {
  readonly row: MergeRow
  /** Records right before the first call; empty where they are not known. */
  readonly before: Records
  readonly after: Records
  /** Marketo refused a call with this code; undefined: it refused none. */
  readonly refused: string | null | undefined
}

export type MergeVerdict =
  | {
      readonly kind: 'done'
      readonly winner: LeadRecord
      readonly differences: readonly Difference[]
      /** What this merge shows of scores; left out where it shows nothing. */
      readonly score?: ScoreHabit
    }
  | { readonly kind: 'failed' | 'unresolved'; readonly reason: string }
  /** Marketo said it was done, and losers are still there. */
  | { readonly kind: 'doubtful' }

export function judgeMerge(check: MergeCheck, rules: FieldRules): MergeVerdict {
  const { row, after, refused } = check
  const gone = row.losers.filter((id) => !after.has(id)).length
  if (refused !== undefined && gone < row.losers.length) {
    const part =
      gone === 0
        ? ''
        : ` after ${gone} of ${row.losers.length} losers were merged`
    return { kind: 'failed', reason: `${refusalReason(refused)}${part}` }
  }
  if (gone < row.losers.length) return { kind: 'doubtful' }
  const winner = after.get(row.winner)
  if (winner === undefined) {
    return {
      kind: 'unresolved',
      reason: `lead ${row.winner} is gone together with its losers`,
    }
  }
  const { before } = check
  if (before.size === 0) return { kind: 'done', winner, differences: [] }
  const score = shownHabit(row, before, winner, rules)
  const known = rules.scores.of(row.mergeInCrm) ?? 'keep'
  // A score that the plan decides was prepared for what was known then.
  const isDecided = Object.hasOwn(row.after, scoreField)
  const foreseen = predicted(row, before, isDecided ? known : (score ?? known))
  const differences = compare(foreseen, winner, rules)
  return { kind: 'done', winner, differences, ...(score && { score }) }
}

/** Which habit the survivor's score fits, where only one does. */
function shownHabit(
  row: MergeRow,
  before: Records,
  winner: LeadRecord,
  rules: FieldRules,
): ScoreHabit | null {
  const fits = (['keep', 'sum'] as const).filter(
    (habit) =>
      held(predicted(row, before, habit), scoreField, rules) ===
      held(winner, scoreField, rules),
  )
  const [only] = fits
  return fits.length === 1 && only !== undefined ? only : null
}

/** From the records as they were, for the calls that were still to be made. */
function predicted(
  row: MergeRow,
  before: Records,
  habit: ScoreHabit,
): LeadRecord {
  const calls = loserCalls(row.losers, row.mergeInCrm)
    .filter((ids) => ids.every((id) => before.has(id)))
    .map((ids) => ids.map((id) => before.get(id) ?? {}))
  return predictCalls(before.get(row.winner) ?? {}, calls, habit)
}

/** The first written field that does not hold what was written, or null. */
export function unwritten(
  write: Values,
  record: LeadRecord,
  rules: FieldRules,
): string | null {
  const wrong = Object.entries(write).find(
    ([field, value]) => held(record, field, rules) !== value,
  )
  return wrong?.[0] ?? null
}

export type UpdateVerdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'no_effect' | 'failed' | 'stale'; readonly reason: string }

/** @param before the record as it was read before the write */
export function judgeUpdate(
  row: UpdateRow,
  before: LeadRecord,
  after: LeadRecord | undefined,
  rules: FieldRules,
): UpdateVerdict {
  if (after === undefined) {
    return { kind: 'stale', reason: `lead ${row.id} is gone` }
  }
  const wrong = unwritten(row.set, after, rules)
  if (wrong === null) return { kind: 'done' }
  const untouched = Object.keys(row.set).every(
    (field) => held(after, field, rules) === held(before, field, rules),
  )
  return untouched
    ? {
        kind: 'no_effect',
        reason: `Marketo took ${wrong} and did not change it; the field may be blocked for updates by API`,
      }
    : {
        kind: 'failed',
        reason: `Marketo holds another ${wrong} than was sent`,
      }
}
