/** What people said of pairs of leads, as a table. */
import { type Label, labelsOf } from '../pipeline/label.js'
import type { Override } from '../pipeline/override.js'
import type { Warehouse } from '../warehouse/warehouse.js'

/** Replaces `meta.label` by what the label and override files say. */
export async function loadLabels(
  warehouse: Warehouse,
  labels: readonly Label[],
  overrides: readonly Override[],
): Promise<void> {
  await warehouse.run('delete from meta.label')
  await fillLabels(warehouse, 'meta.label', labelsOf(labels, overrides))
}

/** Adds labels to a table with the columns of `meta.label`. */
export async function fillLabels(
  warehouse: Warehouse,
  table: string,
  labels: readonly Label[],
): Promise<void> {
  const columns = {
    a: 'bigint',
    b: 'bigint',
    is_same: 'boolean',
    author: 'varchar',
    decided_at: 'timestamp',
    probability: 'double',
    origin: 'varchar',
  } as const
  const rows = labels.map((label) => [
    label.a,
    label.b,
    label.isSame,
    label.author,
    label.decidedAt,
    label.probability,
    label.origin,
  ])
  await warehouse.append(table, columns, rows)
}
