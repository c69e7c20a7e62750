import type { Budget } from '../pipeline/pipeline.js'
import { addToBatch, type Batch, leadsPerCall, newBatch } from './batch.js'
import type { PlanRow, Price } from './plan.js'
import { loserCalls } from './predict.js'

/**
 * Seconds that a call is expected to take. Marketo publishes none; a merge
 * takes seconds, a read or a sync of 300 leads less than one.
 */
const expectedSeconds = { merge: 2, other: 0.5 } as const

interface Calls {
  readonly merge: number
  readonly other: number
}

/**
 * Calls of one batch when nothing goes wrong. Merges: read, write survivors
 * and read them back where there are any, merge, read back. Updates: read,
 * write, read back.
 */
export function batchCalls(batch: Batch): Calls {
  const read = Math.ceil(batch.ids / leadsPerCall)
  if (batch.kind === 'update') return { merge: 0, other: 2 * read + 1 }
  if (batch.kind === 'create') return { merge: 0, other: createCalls(batch) }
  const prepared = batch.rows.some((row) => Object.keys(row.set).length > 0)
  const merge = batch.rows
    .filter((row) => row.kind === 'merge')
    .map((row) => loserCalls(row.losers, row.mergeInCrm).length)
    .reduce((sum, calls) => sum + calls, 0)
  return { merge, other: 2 * read + (prepared ? 2 : 0) }
}

/** Two looks before, one write and one look after; two for each list. */
function createCalls(batch: Batch): number {
  const creates = batch.rows.filter((row) => row.kind === 'create')
  const kinds = new Set(creates.map((row) => `${row.action} ${row.partition}`))
  const lists = new Set(creates.flatMap((row) => row.lists))
  return 2 + 2 * kinds.size + 2 * lists.size
}

/** Counts the calls of a plan row by row, batching as apply will. */
export class PriceMeter {
  #batch: Batch | null = null
  #merge = 0
  #other = 0
  readonly #keepsLists: boolean

  /** @param keepsLists whether the lists of each loser are read */
  constructor(keepsLists = false) {
    this.#keepsLists = keepsLists
  }

  add(row: PlanRow): void {
    this.#batch ??= newBatch(row.kind)
    if (addToBatch(this.#batch, row)) return
    this.#close(this.#batch)
    this.#batch = newBatch(row.kind)
    addToBatch(this.#batch, row)
  }

  /** @param crm CRM-linked leads that the CRM sync will have to follow */
  price(budget: Budget, crm: number): Price {
    if (this.#batch !== null) this.#close(this.#batch)
    this.#batch = null
    return priceOf({ merge: this.#merge, other: this.#other }, budget, crm)
  }

  #close(batch: Batch): void {
    const { merge, other } = batchCalls(batch)
    this.#merge += merge
    this.#other += other
    if (this.#keepsLists && batch.kind === 'merge') {
      this.#other += batch.ids - batch.rows.length
    }
  }
}

/** Minutes, to a tenth: the slower of the budget's window and the calls. */
export function priceOf(counts: Calls, budget: Budget, crm: number): Price {
  const calls = counts.merge + counts.other
  const window = (calls / budget.callsPer20s) * 20
  const latency =
    counts.merge * expectedSeconds.merge + counts.other * expectedSeconds.other
  return {
    calls,
    minutes: Math.ceil(Math.max(window, latency) / 6) / 10,
    share: calls / budget.callsPerDay,
    crm,
  }
}
