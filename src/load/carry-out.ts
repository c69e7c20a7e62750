/** The rows of a plan, from what an earlier process left to the last one. */
import { batches } from './batch.js'
import { applyCreates } from './create.js'
import { type Job, settle } from './job.js'
import { applyMerges } from './merge.js'
import type { CreateRow, MergeRow, PlanRow, UpdateRow } from './plan.js'
import type { OpenPlan } from './plan-file.js'
import { leftoverOf, resolveHeld, unverified } from './reconcile.js'
import { applyUpdates } from './update.js'
import { type SentMerge, verifyMerges } from './verify-merge.js'

/** @param old why the plan must not be carried on, or null */
export async function carryOut(
  job: Job,
  plan: OpenPlan,
  old: string | null,
): Promise<void> {
  if (job.journal.state.attempts.size > 0) await reconcile(job, plan)
  if (old === null) {
    await applyRows(job, pending(job, plan))
    await resolveAll(job)
  } else {
    await resolveAll(job, false)
    await endAsStale(job, plan, old)
  }
}

/** First of all, what an earlier process left without a known outcome. */
async function reconcile(job: Job, plan: OpenPlan): Promise<void> {
  const left: { row: PlanRow; refused: string | null | undefined }[] = []
  for await (const row of plan.rows()) {
    if (!job.journal.state.attempts.has(row.row)) continue
    const leftover = leftoverOf(job, row)
    if (leftover.kind === 'held') job.held.push(leftover.held)
    if (leftover.kind === 'sent') left.push({ row, refused: leftover.refused })
  }
  const sent: readonly SentMerge[] = await unverified(job, left)
  for (let from = 0; from < sent.length; from += 50) {
    await verifyMerges(job, sent.slice(from, from + 50))
  }
  if (job.held.length > 0) await resolveHeld(job)
}

/** Rows without a final status that nobody waits for. */
async function* pending(job: Job, plan: OpenPlan): AsyncGenerator<PlanRow> {
  for await (const row of plan.rows()) {
    if (job.journal.state.final.has(row.row)) continue
    if (job.held.some((held) => held.row.row === row.row)) continue
    yield row
  }
}

async function applyRows(
  job: Job,
  rows: AsyncIterable<PlanRow> | Iterable<PlanRow>,
): Promise<void> {
  for await (const batch of batches(rows)) {
    job.emit({
      type: 'batch',
      kind: batch.kind,
      rows: batch.rows.length,
      leads: batch.ids,
    })
    await applyMerges(job, batch.rows.filter(isMerge))
    await applyUpdates(job, batch.rows.filter(isUpdate))
    await applyCreates(job, batch.rows.filter(isCreate))
  }
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
