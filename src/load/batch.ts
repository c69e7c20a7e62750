import { canonicalJson } from './canonical.js'
import { crmRecords, type Lane } from './lane.js'
import type { PlanRow } from './plan.js'

/** Leads that one read or write takes (Adobe docs, "Leads"). */
export const leadsPerCall = 300

/** Merges that are read, prepared and read back together. */
const mergesPerBatch = 50

/**
 * Updates that are read, written and read back together: ten calls of each,
 * so that reads fill the places which a write under way leaves free.
 */
const updatesPerBatch = 3000

/** Rows of one import: its precondition must be fresh when it leaves. */
export const rowsPerImport = 30_000

/** Below Marketo's 1 MB for a request body, with room for the envelope. */
export const bytesPerWrite = 900_000

/** Below Marketo's 10 MB for an import, with room for the form. */
export const bytesPerImport = 9_500_000

export interface Batch {
  readonly kind: PlanRow['kind']
  readonly lane: Lane
  readonly rows: PlanRow[]
  ids: number
  bytes: number
  /** Leads that the CRM sync will have to follow. */
  crm: number
}

export function idsOf(row: PlanRow): readonly string[] {
  if (row.kind === 'merge') return [row.winner, ...row.losers]
  // What a creation writes to has no id yet.
  return row.kind === 'update' ? [row.id] : []
}

/** Bytes of a row in the body of a sync call. */
export function bytesOf(row: PlanRow): number {
  return Buffer.byteLength(canonicalJson(row.set), 'utf8') + 40
}

/** Bytes of a row in a CSV, at most. */
export function csvBytes(row: PlanRow): number {
  return Object.values(row.set).reduce((sum, value) => {
    const quotes = value?.match(/"/g)?.length ?? 0
    return sum + Buffer.byteLength(value ?? '') + quotes + 3
  }, 22)
}

interface Room {
  readonly rows: number
  readonly ids: number
  readonly bytes: number
}

const room: Readonly<Record<Lane['route'], Room>> = {
  create: { rows: leadsPerCall, ids: leadsPerCall, bytes: bytesPerWrite },
  merge: { rows: mergesPerBatch, ids: leadsPerCall, bytes: bytesPerWrite },
  sync: { rows: updatesPerBatch, ids: updatesPerBatch, bytes: Infinity },
  import: { rows: rowsPerImport, ids: rowsPerImport, bytes: bytesPerImport },
}

/** CRM-linked leads in a batch are let go for this long at once. */
const pacedMinutes = 1

/** Puts the row in, or says that it needs a batch of its own. */
export function addToBatch(
  batch: Batch,
  row: PlanRow,
  crmRecordsPerHour: number | null = null,
): boolean {
  const { lane } = batch
  const ids = idsOf(row).length
  const bytes = lane.route === 'import' ? csvBytes(row) : bytesOf(row)
  const crm = crmRecords(row)
  const most = room[lane.route]
  const pace = lane.isPaced ? crmRecordsPerHour : null
  const mostCrm = pace === null ? Infinity : (pace * pacedMinutes) / 60
  const fits =
    batch.rows.length < most.rows &&
    batch.ids + ids <= most.ids &&
    batch.bytes + bytes <= most.bytes &&
    batch.crm + crm <= mostCrm
  if (!fits && batch.rows.length > 0) return false
  batch.rows.push(row)
  batch.ids += ids
  batch.bytes += bytes
  batch.crm += crm
  return true
}

export function newBatch(kind: PlanRow['kind'], lane: Lane): Batch {
  return { kind, lane, rows: [], ids: 0, bytes: 0, crm: 0 }
}

/** Every update by sync calls, and nothing paced. */
export function plainLane({ kind }: PlanRow): Lane {
  const route = kind === 'update' ? 'sync' : kind
  return { name: route, route, isPaced: false }
}

/**
 * Rows cut where a batch is full, each lane in the order of its rows. Merges
 * end before updates begin; imports are let go before the last sync calls, so
 * that Marketo works on both.
 */
export async function* batches(
  rows: AsyncIterable<PlanRow> | Iterable<PlanRow>,
  laneOf: (row: PlanRow) => Lane = plainLane,
  crmRecordsPerHour: number | null = null,
): AsyncGenerator<Batch> {
  const open = new Map<string, Batch>()
  let kind: PlanRow['kind'] | null = null
  for await (const row of rows) {
    if (kind !== null && row.kind !== kind) {
      yield* inOrder(open)
      open.clear()
    }
    kind = row.kind
    const lane = laneOf(row)
    const batch = open.get(lane.name) ?? newBatch(row.kind, lane)
    open.set(lane.name, batch)
    if (addToBatch(batch, row, crmRecordsPerHour)) continue
    yield batch
    const next = newBatch(row.kind, lane)
    addToBatch(next, row, crmRecordsPerHour)
    open.set(lane.name, next)
  }
  yield* inOrder(open)
}

/** Imports first, paced rows last. */
function inOrder(open: ReadonlyMap<string, Batch>): readonly Batch[] {
  const rank = ({ lane }: Batch) =>
    lane.isPaced ? 2 : lane.route === 'import' ? 0 : 1
  return [...open.values()].toSorted((a, b) => rank(a) - rank(b))
}
