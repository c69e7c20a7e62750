import { csvLine, inertCell } from '../pipeline/csv.js'
import type { ReviewItem, ReviewRecord } from '../run/review.js'
import { fieldsOf } from './review-field.js'

/** Columns for a person to fill in, on any line of an item. */
const toFill = ['decision', 'winner', 'reason', 'author']

/**
 * One line for each lead, those of an item together. No cell begins a formula
 * in a spreadsheet; the file comes back by `pipeline review --import`.
 */
export function reviewCsv({
  items,
  records,
}: {
  readonly items: readonly ReviewItem[]
  readonly records: ReadonlyMap<string, ReviewRecord>
}): string {
  const fields = fieldsOf([...records.values()])
  const header = ['item', ...toFill, 'why', 'probability', 'lead_id', ...fields]
  const lines = items.flatMap((item) =>
    item.leadIds.map((id) => [
      item.item,
      ...toFill.map(() => ''),
      item.reason,
      item.probability === null ? '' : item.probability.toFixed(4),
      id,
      ...fields.map((field) => records.get(id)?.values[field] ?? ''),
    ]),
  )
  const rows = [header, ...lines].map((row) => csvLine(row.map(inertCell)))
  // Without the mark, spreadsheets take UTF-8 for something else.
  return `\uFEFF${rows.join('\r\n')}\r\n`
}
