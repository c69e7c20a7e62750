/** What may be done with a plan row, given what Marketo holds now; pure. */
import type { FieldValue, LeadRecord } from '../marketo/api.js'
import type { FieldRules } from './field-rule.js'
import type { MergeRow, Text, UpdateRow, Values } from './plan.js'
import { isSureWinner, loserCalls, predictCalls, unbrought } from './predict.js'
import { beforeSum, scoreField } from './score.js'
import { canonicalText } from './text.js'

export type Records = ReadonlyMap<string, LeadRecord>

export interface ReadyMerge {
  readonly kind: 'ready'
  /** The first call that is still to be made. */
  readonly from: number
  /** What must be written to the winner first. */
  readonly write: Values
  /** The winner shows that somebody began this row, perhaps we. */
  readonly touched: boolean
}

export type MergeAssessment =
  | ReadyMerge
  /** The losers are gone and the winner is as planned. */
  | { readonly kind: 'merged' }
  | { readonly kind: 'stale' | 'failed'; readonly reason: string }

const stale = (reason: string) => ({ kind: 'stale', reason }) as const
const failed = (reason: string) => ({ kind: 'failed', reason }) as const

export function assessMerge(
  row: MergeRow,
  records: Records,
  rules: FieldRules,
): MergeAssessment {
  const winner = records.get(row.winner)
  if (winner === undefined) return stale(`lead ${row.winner} is gone`)
  const calls = loserCalls(row.losers, row.mergeInCrm)
  const from = callsMade(calls, records)
  if (from === null) return stale('some of the losers are gone')
  if (from === calls.length) {
    const wrong = unplanned(row, winner, rules)
    return wrong === null
      ? { kind: 'merged' }
      : stale(
          `the losers are gone and ${wrong} of the winner is not as planned`,
        )
  }
  const locked = lockedField(row.set, rules)
  if (locked !== null) return failed(locked)
  const rest = calls
    .slice(from)
    .map((ids) => ids.map((id) => records.get(id) ?? {}))
  const made = calls.slice(0, from)
  const foreign =
    changedWinner(row, winner, { made, rest: rest.flat() }, rules) ??
    changedLoser(row, calls.slice(from).flat(), records, rules)
  if (foreign !== null) return stale(foreign)
  if (!isSureWinner(winner, rest.flat())) {
    return stale('a loser may now rank higher in the CRM than the winner')
  }
  return ready(row, winner, { from, rest }, rules)
}

/** How many leading calls have taken effect; null for any other picture. */
function callsMade(
  calls: readonly (readonly string[])[],
  records: Records,
): number | null {
  const isGone = (ids: readonly string[]) => ids.every((id) => !records.has(id))
  const isThere = (ids: readonly string[]) => ids.every((id) => records.has(id))
  const first = calls.findIndex((ids) => !isGone(ids))
  if (first === -1) return calls.length
  return calls.slice(first).every(isThere) ? first : null
}

/** A decided field of the winner that is not as the plan foresees, or null. */
export function unplanned(
  row: MergeRow,
  winner: LeadRecord,
  rules: FieldRules,
): string | null {
  return (
    Object.keys(row.after).find(
      (field) => held(winner, field, rules) !== row.after[field],
    ) ?? null
  )
}

/** Why a field can no longer be written, or null. */
export function lockedField(set: Values, rules: FieldRules): string | null {
  const field = Object.keys(set).find((name) => !rules.isSettable(name))
  if (field === undefined) return null
  return rules.field(field) === undefined
    ? `the field ${field} does not exist any more`
    : `the field ${field} cannot be written any more`
}

/**
 * An earlier attempt may have written the survivor values and made some of the
 * calls, so each field may also be as the plan wants it, or in between.
 */
function changedWinner(
  row: MergeRow,
  winner: LeadRecord,
  calls: {
    readonly made: readonly (readonly string[])[]
    readonly rest: readonly LeadRecord[]
  },
  rules: FieldRules,
): string | null {
  const before = row.before[row.winner] ?? {}
  const between = predictCalls(
    before,
    calls.made.map((ids) => ids.map((id) => row.before[id] ?? {})),
    rules.scores.of(row.mergeInCrm) ?? 'keep',
  )
  const after = beforeMerge(row, calls.rest, rules)
  const field = Object.keys(before).find((name) => {
    const now = held(winner, name, rules)
    return (
      now !== before[name] &&
      now !== row.after[name] &&
      now !== after[name] &&
      now !== (between[name] ?? null)
    )
  })
  return field === undefined ? null : changed(field, row.winner)
}

function changedLoser(
  row: MergeRow,
  losers: readonly string[],
  records: Records,
  rules: FieldRules,
): string | null {
  for (const id of losers) {
    const record = records.get(id) ?? {}
    const field = Object.entries(row.before[id] ?? {}).find(
      ([name, value]) => held(record, name, rules) !== value,
    )?.[0]
    if (field !== undefined) return changed(field, id)
  }
  return null
}

function changed(field: string, id: string): string {
  return `${field} of lead ${id} changed since the plan`
}

/** What the winner must hold for the merge to end as planned. */
function beforeMerge(
  { after, mergeInCrm }: MergeRow,
  losers: readonly LeadRecord[],
  rules: FieldRules,
): Values {
  const score = after[scoreField] ?? null
  if (rules.scores.of(mergeInCrm) !== 'sum' || score === null) return after
  return { ...after, [scoreField]: beforeSum(score, losers) }
}

function ready(
  row: MergeRow,
  winner: LeadRecord,
  { from, rest }: { from: number; rest: readonly (readonly LeadRecord[])[] },
  rules: FieldRules,
): MergeAssessment {
  const habit = rules.scores.of(row.mergeInCrm) ?? 'keep'
  const wanted = beforeMerge(row, rest.flat(), rules)
  const fields = unbrought(row.after, winner, rest, rules, habit)
  const write = Object.fromEntries(
    fields.map((field) => [field, wanted[field] ?? null] as const),
  )
  const locked = lockedField(write, rules)
  if (locked !== null) return failed(locked)
  const touched = Object.entries(row.before[row.winner] ?? {}).some(
    ([field, value]) => held(winner, field, rules) !== value,
  )
  return { kind: 'ready', from, write, touched }
}

/** A field as the plan spells it. */
export function held(
  record: LeadRecord,
  field: string,
  rules: FieldRules,
): Text {
  const value: FieldValue | undefined = record[field]
  return canonicalText(value, rules.type(field))
}

export type UpdateAssessment =
  | { readonly kind: 'ready'; readonly write: Values }
  | { readonly kind: 'equal' }
  | { readonly kind: 'stale' | 'failed'; readonly reason: string }
  /** It holds what it held, and what the new value was made of changed. */
  | { readonly kind: 'outdated'; readonly reason: string }

export function assessUpdate(
  row: UpdateRow,
  record: LeadRecord | undefined,
  rules: FieldRules,
): UpdateAssessment {
  if (record === undefined) return stale(`lead ${row.id} is gone`)
  const write = Object.entries(row.set).filter(
    ([field, value]) => held(record, field, rules) !== value,
  )
  if (write.length === 0) return { kind: 'equal' }
  const locked = lockedField(row.set, rules)
  if (locked !== null) return failed(locked)
  const foreign = write.find(
    ([field]) => held(record, field, rules) !== (row.before[field] ?? null),
  )
  if (foreign !== undefined) return stale(changed(foreign[0], row.id))
  const source = Object.keys(row.before).find(
    (field) =>
      !Object.hasOwn(row.set, field) &&
      held(record, field, rules) !== row.before[field],
  )
  if (source !== undefined) {
    return { kind: 'outdated', reason: changed(source, row.id) }
  }
  return { kind: 'ready', write: Object.fromEntries(write) }
}
