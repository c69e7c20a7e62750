/** The rows of a plan, from what an earlier process left to the last one. */
import { batches, idsOf } from './batch.js'
import { applyCreates } from './create.js'
import { applyImport } from './import.js'
import { endImports, watchImport } from './import-watch.js'
import { type Job, pause, settle, type Settlement } from './job.js'
import { applyMerges } from './merge.js'
import type { CreateRow, MergeRow, PlanRow, UpdateRow } from './plan.js'
import type { OpenPlan } from './plan-file.js'
import { leftoverOf, resolveHeld, unverified } from './reconcile.js'
import { applyUpdates } from './update.js'
import { type SentMerge, verifyMerges } from './verify-merge.js'

export interface Limits {
  /** Why the plan must not be carried on, or null. */
  readonly old: string | null
  /** Leads of rows of other plans that nobody could resolve. */
  readonly frozen: ReadonlySet<string>
  /** Rows after which to pause, for a person to look at them; null: none. */
  readonly first: number | null
}

export async function carryOut(
  job: Job,
  plan: OpenPlan,
  { old, frozen, first }: Limits,
): Promise<void> {
  if (job.journal.state.attempts.size > 0) await reconcile(job, plan)
  if (old === null) {
    await leaveFrozen(job, plan, frozen)
    await applyRows(job, firstOf(pending(job, plan), first))
    await resolveAll(job)
    if (first !== null && (await isPending(job, plan))) throw pause('first')
  } else {
    await holdWritten(job, plan)
    await resolveAll(job, false)
    await endImports(job, 0)
    await endAsStale(job, plan, old)
  }
}

/** First of all, what an earlier process left without a known outcome. */
async function reconcile(job: Job, plan: OpenPlan): Promise<void> {
  const left: { row: PlanRow; refused: string | null | undefined }[] = []
  const taken = new Map<string, UpdateRow[]>()
  for await (const row of plan.rows()) {
    if (!job.journal.state.attempts.has(row.row)) continue
    const leftover = leftoverOf(job, row)
    if (leftover.kind === 'held') job.held.push(leftover.held)
    if (leftover.kind === 'taken') addTo(taken, leftover.batch, leftover.row)
    if (leftover.kind === 'sent') left.push({ row, refused: leftover.refused })
  }
  const sent: readonly SentMerge[] = await unverified(job, left)
  for (let from = 0; from < sent.length; from += 50) {
    await verifyMerges(job, sent.slice(from, from + 50))
  }
  for (const [batch, rows] of taken) watchImport(job, batch, rows)
  if (job.held.length > 0) await resolveHeld(job)
}

function addTo<Row>(groups: Map<string, Row[]>, key: string, row: Row): void {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [row])
  else group.push(row)
}

/** Rows without a final status that nobody waits for. */
async function* pending(job: Job, plan: OpenPlan): AsyncGenerator<PlanRow> {
  const waiting = new Set([
    ...job.held.map(({ row }) => row.row),
    ...job.importing.flatMap(({ rows }) => rows.map(({ row }) => row)),
  ])
  for await (const row of plan.rows()) {
    if (job.journal.state.final.has(row.row)) continue
    if (waiting.has(row.row)) continue
    yield row
  }
}

async function isPending(job: Job, plan: OpenPlan): Promise<boolean> {
  const rows = pending(job, plan)
  const { done } = await rows.next()
  await rows.return(undefined)
  return done !== true
}

async function* firstOf(
  rows: AsyncIterable<PlanRow>,
  first: number | null,
): AsyncGenerator<PlanRow> {
  let left = first ?? Infinity
  for await (const row of rows) {
    if (left === 0) return
    left -= 1
    yield row
  }
}

async function applyRows(
  job: Job,
  rows: AsyncIterable<PlanRow> | Iterable<PlanRow>,
): Promise<void> {
  const { laneOf, pace } = job
  for await (const batch of batches(rows, laneOf, pace.perHour)) {
    job.emit({
      type: 'batch',
      kind: batch.kind,
      rows: batch.rows.length,
      leads: batch.ids,
    })
    await pace.take(job, batch.crm)
    const updates = batch.rows.filter(isUpdate)
    await applyMerges(job, batch.rows.filter(isMerge))
    if (batch.lane.route === 'import') await applyImport(job, updates)
    else await applyUpdates(job, updates)
    await applyCreates(job, batch.rows.filter(isCreate))
    await endImports(job, Infinity)
  }
  await endImports(job, 0)
  // What imports left as it was goes by sync calls, never by another file.
  const undone = job.undone.splice(0, Infinity)
  if (undone.length > 0) await applyRows(job, undone)
}

/**
 * A plan may be older than what froze a lead: made while another plan was
 * under way, whose row then could not be resolved.
 */
async function leaveFrozen(
  job: Job,
  plan: OpenPlan,
  frozen: Limits['frozen'],
): Promise<void> {
  if (frozen.size === 0) return
  const held: Settlement[] = []
  for await (const row of pending(job, plan)) {
    const lead = idsOf(row).find((id) => frozen.has(id))
    if (lead === undefined || job.journal.state.last(row.row) !== null) continue
    const reason = `lead ${lead} is in a row of an earlier plan that a person has to look at first`
    held.push({ row, status: 'stale', reason })
  }
  await settle(job, held)
}

function isMerge(row: PlanRow): row is MergeRow {
  return row.kind === 'merge'
}

function isUpdate(row: PlanRow): row is UpdateRow {
  return row.kind === 'update'
}

function isCreate(row: PlanRow): row is CreateRow {
  return row.kind === 'create'
}

/** Each round ends rows or uses up one of their attempts. */
async function resolveAll(job: Job, sendAgain = true): Promise<void> {
  while (job.held.length > 0) {
    const again = await resolveHeld(job)
    if (sendAgain) await applyRows(job, again)
  }
}

/** Updates that were written and not read back are not stale but done. */
async function holdWritten(job: Job, plan: OpenPlan): Promise<void> {
  const clearAt = job.marketo.clock.monotonic()
  for await (const row of pending(job, plan)) {
    const last = job.journal.state.last(row.row)
    if (row.kind !== 'update' || last?.outcome !== 'ok') continue
    job.held.push({ row, send: 'update', clearAt })
  }
}

async function endAsStale(
  job: Job,
  plan: OpenPlan,
  why: string,
): Promise<void> {
  for await (const batch of batches(pending(job, plan))) {
    await settle(
      job,
      batch.rows.map((row) => ({
        row,
        status: 'stale',
        reason: `the plan is not carried on because ${why}`,
      })),
    )
  }
}
