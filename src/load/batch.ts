import { canonicalJson } from './canonical.js'
import type { PlanRow } from './plan.js'

/** Leads that one read or write takes (Adobe docs, "Leads"). */
export const leadsPerCall = 300

/** Merges that are read, prepared and read back together. */
const mergesPerBatch = 50

/** Below Marketo's 1 MB for a request body, with room for the envelope. */
const bytesPerWrite = 900_000

export interface Batch {
  readonly kind: PlanRow['kind']
  readonly rows: PlanRow[]
  ids: number
  bytes: number
}

export function idsOf(row: PlanRow): readonly string[] {
  if (row.kind === 'merge') return [row.winner, ...row.losers]
  // What a creation writes to has no id yet.
  return row.kind === 'update' ? [row.id] : []
}

/** Puts the row in, or says that it needs a batch of its own. */
export function addToBatch(batch: Batch, row: PlanRow): boolean {
  const ids = idsOf(row).length
  const bytes = Buffer.byteLength(canonicalJson(row.set), 'utf8') + 40
  const most = row.kind === 'merge' ? mergesPerBatch : leadsPerCall
  const fits =
    batch.kind === row.kind &&
    batch.rows.length < most &&
    batch.ids + ids <= leadsPerCall &&
    batch.bytes + bytes <= bytesPerWrite
  if (!fits && batch.rows.length > 0) return false
  batch.rows.push(row)
  batch.ids += ids
  batch.bytes += bytes
  return true
}

export function newBatch(kind: PlanRow['kind']): Batch {
  return { kind, rows: [], ids: 0, bytes: 0 }
}

/** Rows in their order, cut where a batch is full or the kind changes. */
export async function* batches(
  rows: AsyncIterable<PlanRow> | Iterable<PlanRow>,
): AsyncGenerator<Batch> {
  let batch: Batch | null = null
  for await (const row of rows) {
    batch ??= newBatch(row.kind)
    if (addToBatch(batch, row)) continue
    yield batch
    batch = newBatch(row.kind)
    addToBatch(batch, row)
  }
  if (batch !== null) yield batch
}
