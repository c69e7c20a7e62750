/** Which new lead belongs to which row; pure. */
import type { LeadRecord } from '../marketo/api.js'
import type { FieldRules } from './field-rule.js'
import type { CreateRow } from './plan.js'
import { recordText } from './text.js'

/** What a filter cannot hold: Marketo knows no escape for a comma. */
export function searchableEmail(row: CreateRow): string | null {
  const email = row.set['email'] ?? null
  return email === null || /[,\p{Cc}]/u.test(email) ? null : email
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value.trim().toLowerCase() : ''
}

export function sameEmail(one: unknown, other: unknown): boolean {
  return plain(one) !== '' && plain(one) === plain(other)
}

/** Fields that do not hold what was sent. */
export function unlike(
  row: CreateRow,
  record: LeadRecord,
  rules: FieldRules,
): string[] {
  return Object.entries(row.set).flatMap(([field, value]) =>
    recordText(record[field], rules.type(field)) === value ? [] : [field],
  )
}

/** Whoever a lead is, these of its fields say so. */
const naming = ['email', 'firstName', 'lastName', 'company', 'phone']

function isNamed(
  row: CreateRow,
  record: LeadRecord,
  rules: FieldRules,
): boolean {
  const wrong = unlike(row, record, rules)
  const sent = naming.filter((field) => Object.hasOwn(row.set, field))
  const right = sent.filter((field) => !wrong.includes(field))
  return sent.length === 0 ? wrong.length === 0 : right.length === sent.length
}

export interface Matched {
  readonly row: CreateRow
  readonly id: string
  readonly record: LeadRecord
}

/**
 * Gives each row the lead that holds what was sent for it, by its place in
 * the answer where that is so, else by content. Each lead is given once.
 */
export function matchAnswered(
  answered: readonly { readonly row: CreateRow; readonly id: string }[],
  records: ReadonlyMap<string, LeadRecord>,
  rules: FieldRules,
): readonly Matched[] {
  const placed = answered.flatMap(({ row, id }): Matched[] => {
    const record = records.get(id)
    return record !== undefined && isNamed(row, record, rules)
      ? [{ row, id, record }]
      : []
  })
  const rest = answered.filter(
    ({ row }) => !placed.some((one) => one.row === row),
  )
  const taken = new Set(placed.map(({ id }) => id))
  const left = [...records].filter(([id]) => !taken.has(id))
  return [
    ...placed,
    ...matchFound(
      rest.map(({ row }) => row),
      new Map(left),
      rules,
    ),
  ]
}

/** The same for leads of which nobody said which row they are for. */
export function matchFound(
  rows: readonly CreateRow[],
  records: ReadonlyMap<string, LeadRecord>,
  rules: FieldRules,
): readonly Matched[] {
  const left = new Map(records)
  return rows.flatMap((row): Matched[] => {
    // Nothing was said of it that could be found again.
    if (Object.keys(row.set).length === 0) return []
    for (const [id, record] of left) {
      if (unlike(row, record, rules).length > 0) continue
      left.delete(id)
      return [{ row, id, record }]
    }
    return []
  })
}
