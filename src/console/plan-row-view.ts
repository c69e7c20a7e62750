/** One plan row as people read it: before, after, and why; pure. */
import type {
  CreateRow,
  MergeRow,
  Text,
  UpdateRow,
  Values,
} from '../load/plan.js'
import { mask } from './mask.js'
import type { OutcomeRow } from './plan-search.js'
import type { Tone } from './run-words.js'

export interface FieldView {
  readonly field: string
  /** Of each lead, in the order of the leads. */
  readonly before: readonly { readonly lead: string; readonly text: string }[]
  readonly after: string
  /** Where the value comes from, in words. */
  readonly from: string
  readonly isKept: boolean
}

export interface RowView {
  readonly row: string
  readonly kind: 'merge' | 'update' | 'create'
  /** The one that stays first. */
  readonly leads: readonly string[]
  readonly why: string
  readonly status: string
  readonly tone: Tone
  readonly note: string
  /** What changes; then what stays, of those that were compared. */
  readonly fields: readonly FieldView[]
  readonly crm: boolean
}

const tones: Readonly<Record<string, Tone>> = {
  done: 'good',
  failed: 'bad',
  unresolved: 'bad',
  stale: 'warn',
  cancelled: 'warn',
}

/** @param reveal whether this person may read values of leads */
export function rowView(found: OutcomeRow, reveal: boolean): RowView {
  const { row, status, why } = found
  const said = {
    row: row.row,
    status: status === 'open' ? 'not yet' : status.replace('_', ' '),
    tone: tones[status] ?? '',
    note: why,
  } as const
  const show = (text: Text | undefined) => shown(text ?? null, reveal)
  return row.kind === 'merge'
    ? { ...said, ...mergeView(row, show) }
    : { ...said, ...updateView(row, show) }
}

type Show = (text: Text | undefined) => string

function shown(text: Text, reveal: boolean): string {
  if (text === null) return ''
  return reveal ? text : mask(text)
}

function mergeView(row: MergeRow, show: Show) {
  const leads = [row.winner, ...row.losers]
  const changed = Object.keys(row.after)
    .filter((field) => differs(row, field))
    .toSorted()
  return {
    kind: row.kind,
    leads,
    crm: row.mergeInCrm,
    why: `${row.reason.rules.join(', ')}; stays: ${row.reason.winner}`,
    fields: changed.map((field) => ({
      field,
      before: leads.map((lead) => ({
        lead,
        text: show(row.before[lead]?.[field]),
      })),
      after: show(row.after[field]),
      from: origin(row, field),
      isKept: row.kept.includes(field),
    })),
  } as const
}

/** Leads differ among themselves, or the one that stays changes. */
function differs(row: MergeRow, field: string): boolean {
  const after = row.after[field] ?? null
  return [row.winner, ...row.losers].some(
    (id) => (row.before[id]?.[field] ?? null) !== after,
  )
}

function origin(row: MergeRow, field: string): string {
  const source = row.reason.from[field]
  if (source === undefined) return 'by Marketo'
  const rule = source.rule.replaceAll('_', ' ')
  return source.id === null ? rule : `${rule}, of ${source.id}`
}

function updateView(row: UpdateRow | CreateRow, show: Show) {
  const value = (values: Values, field: string) => show(values[field])
  return {
    kind: row.kind,
    leads: [row.id],
    crm: false,
    why: row.reason.service,
    fields: Object.keys(row.set)
      .toSorted()
      .map((field) => ({
        field,
        before: [{ lead: row.id, text: value(row.before, field) }],
        after: value(row.set, field),
        from: row.reason.from[field]?.rule.replaceAll('_', ' ') ?? '',
        isKept: false,
      })),
  } as const
}
