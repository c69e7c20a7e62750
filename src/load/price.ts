import type { LeadSchema } from '../marketo/api.js'
import type { Budget } from '../pipeline/pipeline.js'
import {
  addToBatch,
  type Batch,
  bytesOf,
  bytesPerImport,
  bytesPerWrite,
  csvBytes,
  leadsPerCall,
  newBatch,
  rowsPerImport,
} from './batch.js'
import { canonicalJson } from './canonical.js'
import type { FieldRules } from './field-rule.js'
import { crmRecords, fieldKey, fieldsOf, isImportable, laneOf } from './lane.js'
import type { ImportPrice, PlanRow, Price, UpdateRow } from './plan.js'
import { loserCalls } from './predict.js'

/**
 * Seconds that a call is expected to take. Marketo publishes none; a merge
 * takes seconds, a read or a sync of 300 leads less than one.
 */
const expectedSeconds = { merge: 2, other: 0.5 } as const

/** How often an import is asked for; Marketo publishes no durations. */
const pollsPerImport = 3

/** Calls after which the usage of the whole subscription is read again. */
const callsPerUsage = 250

interface Calls {
  readonly merge: number
  readonly other: number
}

/**
 * Calls of one batch of merges or creations when nothing goes wrong: read, write survivors
 * and read them back where there are any, merge, read back.
 */
export function batchCalls(batch: Batch): Calls {
  if (batch.kind === 'create') return { merge: 0, other: createCalls(batch) }
  const read = Math.ceil(batch.ids / leadsPerCall)
  const prepared = batch.rows.some((row) => Object.keys(row.set).length > 0)
  const merge = batch.rows
    .filter((row) => row.kind === 'merge')
    .map((row) => loserCalls(row.losers, row.mergeInCrm).length)
    .reduce((sum, calls) => sum + calls, 0)
  return { merge, other: 2 * read + (prepared ? 2 : 0) }
}

/**
 * Two looks before, one write and one look after; two for each list, and a
 * look and a write for each status of a program.
 */
function createCalls(batch: Batch): number {
  const creates = batch.rows.filter((row) => row.kind === 'create')
  const kinds = new Set(creates.map((row) => `${row.action} ${row.partition}`))
  const lists = new Set(creates.flatMap((row) => row.lists))
  const joined = creates.flatMap((row) => row.programs ?? [])
  const programs = new Set(joined.map(({ program }) => program))
  const statuses = new Set(joined.map((one) => canonicalJson(one)))
  const joins = 2 * lists.size + programs.size + statuses.size
  return 2 + 2 * kinds.size + joins
}

/** How rows may be sent; left out: by sync calls, and unpaced. */
export interface PriceRules {
  readonly rules: FieldRules
  readonly bulkImport: boolean
  readonly crmRecordsPerHour: number | null
  /** What is kept of each lead of a merge, one call each. */
  readonly kept?: number
}

/** Updates that write the same fields. */
interface Group {
  readonly fields: readonly string[]
  rows: number
  /** In a file. */
  bytes: number
  /** In sync calls. */
  syncBytes: number
}

/** Counts the calls of a plan row by row, batching as apply will. */
export class PriceMeter {
  readonly #by: PriceRules | null
  readonly #batches = new Map<string, Batch>()
  readonly #groups = new Map<string, Group>()
  /** Updates that go by sync calls in any case, and their bytes. */
  readonly #sync = { rows: 0, bytes: 0 }
  #merge = 0
  #other = 0
  /** Calls that keep lists and programs. */
  #keeping = 0
  #crm = 0

  constructor(by: PriceRules | null = null) {
    this.#by = by
  }

  add(row: PlanRow): void {
    const isPaced = this.#isPaced(row)
    this.#crm += isPaced ? crmRecords(row) : 0
    if (row.kind === 'update' && !isPaced) return this.#addUpdate(row)
    const lane = { name: row.kind, route: routeOf(row), isPaced } as const
    const key = `${row.kind} ${isPaced}`
    const batch = this.#batches.get(key) ?? newBatch(row.kind, lane)
    this.#batches.set(key, batch)
    const pace = this.#by?.crmRecordsPerHour ?? null
    if (addToBatch(batch, row, pace)) return
    this.#close(batch)
    const next = newBatch(row.kind, lane)
    addToBatch(next, row, pace)
    this.#batches.set(key, next)
  }

  /** @param crm CRM-linked leads that the CRM sync will have to follow */
  price(budget: Budget, crm: number): Price {
    for (const batch of this.#batches.values()) this.#close(batch)
    this.#batches.clear()
    const imports = this.#imports()
    const other = this.#updates(imports)
    const bySync = this.#updates([])
    const merge = this.#merge
    const keeping = this.#keeping
    const counts = { merge, other: this.#other + keeping + other }
    const whole = { merge, other: this.#other + keeping + bySync }
    const perHour = this.#by?.crmRecordsPerHour ?? null
    const hours = perHour === null ? 0 : this.#crm / perHour
    return {
      ...priceOf(counts, budget, { crm, hours }),
      ...(keeping > 0 && { keeping }),
      ...(hours > 0 && { crmHours: Math.ceil(hours * 600) / 600 }),
      ...(imports.length > 0 && {
        imports,
        callsBySync: priceOf(whole, budget, { crm, hours }).calls,
      }),
    }
  }

  #isPaced(row: PlanRow): boolean {
    if (this.#by === null) return false
    const none = { imports: new Set<string>(), wasImported: () => false }
    return laneOf(row, { ...this.#by, ...none }).isPaced
  }

  #addUpdate(row: UpdateRow): void {
    const { bulkImport = false, rules } = this.#by ?? {}
    if (!bulkImport || rules === undefined || !isImportable(row, rules)) {
      this.#sync.rows += 1
      this.#sync.bytes += bytesOf(row)
      return
    }
    const fields = fieldsOf(row)
    const key = fieldKey(fields)
    const none: Group = { fields, rows: 0, bytes: 0, syncBytes: 0 }
    const group = this.#groups.get(key) ?? none
    this.#groups.set(key, group)
    group.rows += 1
    group.bytes += csvBytes(row)
    group.syncBytes += bytesOf(row)
  }

  /**
   * The groups that go by import: all that take fewer calls so, and then less
   * those that had better share the sync calls of the others.
   */
  #imports(): ImportPrice[] {
    let chosen = [...this.#groups.values()]
      .map(importPrice)
      .filter((one) => one !== null)
      .toSorted((a, b) => (fieldKey(a.fields) < fieldKey(b.fields) ? -1 : 1))
    for (const one of chosen.toSorted((a, b) => a.rows - b.rows)) {
      const without = chosen.filter((other) => other !== one)
      if (this.#updates(without) <= this.#updates(chosen)) chosen = without
    }
    return chosen
  }

  /** Calls of all updates, these by import and the rest by sync calls. */
  #updates(imports: readonly ImportPrice[]): number {
    const sent = new Set(imports.map(({ fields }) => fieldKey(fields)))
    const rest = [...this.#groups.values()].filter(
      ({ fields }) => !sent.has(fieldKey(fields)),
    )
    const sync = updateCalls(this.#sync, rest)
    return imports.reduce((sum, { calls }) => sum + calls, sync)
  }

  #close(batch: Batch): void {
    if (batch.kind === 'update') {
      this.#other += callsOf(batch.ids, batch.bytes)
      return
    }
    const { kept = 0 } = this.#by ?? {}
    const { merge, other } = batchCalls(batch)
    this.#merge += merge
    this.#other += other
    if (batch.kind === 'merge') this.#keeping += kept * batch.ids
  }
}

function routeOf(row: PlanRow): 'merge' | 'sync' | 'create' {
  return row.kind === 'update' ? 'sync' : row.kind
}

/** Read, write and read back. */
function callsOf(rows: number, bytes: number): number {
  const reads = Math.ceil(rows / leadsPerCall)
  return 2 * reads + Math.max(reads, Math.ceil(bytes / bytesPerWrite))
}

function updateCalls(
  sure: { readonly rows: number; readonly bytes: number },
  groups: readonly Group[],
): number {
  const rows = groups.reduce((sum, group) => sum + group.rows, sure.rows)
  const bytes = groups.reduce((sum, group) => sum + group.syncBytes, sure.bytes)
  return callsOf(rows, bytes)
}

/** Null where sync calls take as few. */
function importPrice({ fields, rows, bytes, syncBytes }: Group) {
  const files = Math.max(
    Math.ceil(rows / rowsPerImport),
    Math.ceil(bytes / bytesPerImport),
  )
  const reads = Math.ceil(rows / leadsPerCall)
  const calls = 2 * reads + files * (1 + pollsPerImport)
  if (calls >= callsOf(rows, syncBytes)) return null
  return { fields, rows, files, bytes, calls }
}

/**
 * Minutes, to a tenth: the slowest of the budget's window, the calls, and the
 * pace of CRM-linked leads.
 */
export function priceOf(
  counts: Calls,
  budget: Budget,
  { crm, hours = 0 }: { readonly crm: number; readonly hours?: number },
): Price {
  const own = counts.merge + counts.other
  const calls = own + Math.floor(own / callsPerUsage)
  const window = (calls / budget.callsPer20s) * 20
  const latency =
    counts.merge * expectedSeconds.merge + counts.other * expectedSeconds.other
  const seconds = Math.max(window, latency, hours * 3600)
  return {
    calls,
    minutes: Math.ceil(seconds / 6) / 10,
    share: calls / budget.callsPerDay,
    crm,
  }
}

/** Why updates cannot go by bulk import in this instance, or null. */
export function importObstacle(
  schema: LeadSchema,
  isWanted: boolean,
): string | null {
  if (!isWanted) return 'the pipeline file says never'
  return schema.searchable.includes('id')
    ? null
    : 'the instance does not take the id as a lookup field'
}
