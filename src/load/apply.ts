import { exitCode, PipelineError } from '../error.js'
import type { LeadSchema, Marketo } from '../marketo/api.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { batches } from './batch.js'
import type { ApplyEvent } from './event.js'
import { FieldRules } from './field-rule.js'
import { Breaker, type Job, settle } from './job.js'
import { Journal, readJournal } from './journal.js'
import { type JournalState, type StatusCounts } from './journal-state.js'
import { applyMerges } from './merge.js'
import { type JournalPlace, journalPlace } from './place.js'
import type { MergeRow, PlanHeader, PlanRow, UpdateRow } from './plan.js'
import { type OpenPlan, openPlan, planName } from './plan-file.js'
import {
  guardrailStop,
  refuseForeignPlan,
  staleness,
  stalePlan,
} from './plan-refusal.js'
import { ReadBackFile } from './read-back.js'
import { leftoverOf, resolveHeld, unverified } from './reconcile.js'
import { SnapshotFile } from './snapshot.js'
import { applyUpdates } from './update.js'
import { type SentMerge, verifyMerges } from './verify-merge.js'

export interface ApplyOptions {
  readonly marketo: Marketo
  /** Path of the plan. */
  readonly plan: string
  /** Private folder of the pipeline. */
  readonly folder: string
  readonly pipeline: Pipeline
  /** The instance's fields as they are now. */
  readonly schema: LeadSchema
  /** Version of the program. */
  readonly tool: string
  /** Id of the run. */
  readonly run: string
  readonly emit: (event: ApplyEvent) => void
  readonly signal?: AbortSignal
  readonly random: () => number
  /** Time of Marketo's clock in milliseconds after which no row is begun. */
  readonly deadline?: number
}

export interface ApplyResult extends StatusCounts {
  /** Fields that are not as predicted, over all merges. */
  readonly differences: number
  /** Calls of this application, counted toward the quota. */
  readonly calls: number
  /** NDJSON of what was read after the writes. */
  readonly readBack: string
}

/**
 * Carries a plan out: every row ends in one final status, whatever happens in
 * between. The same call continues what a crash or a pause left; on a finished
 * plan it sends nothing.
 *
 * Throws PipelineError with exit 8 for a plan that is altered, stale or made
 * for another place, 7 for one that its guardrails stop, 4 for a pause.
 */
export async function applyPlan(options: ApplyOptions): Promise<ApplyResult> {
  const { marketo } = options
  const plan = await openPlan(options.plan)
  try {
    const { header } = plan
    const use = {
      pipeline: options.pipeline,
      instance: marketo.instance,
      tool: options.tool,
      now: marketo.serverNow(),
    }
    refuseForeignPlan(header, use)
    const place = journalPlace(options.folder, planName(header.hash))
    const known = await readJournal(place.journal)
    if (known?.end) return result(known, place, 0)
    const old = staleness(header, use)
    refuseToBegin(header, known, old)
    const calls = marketo.calls
    const state = await withJob(options, place, async (job) => {
      await begin(job, header, options.run)
      await carryOut(job, plan, old)
      await finish(job, header)
    })
    return result(state, place, marketo.calls - calls)
  } finally {
    await plan.close()
  }
}

/** A plan that was begun is taken to its end, so that nothing stays open. */
function refuseToBegin(
  header: PlanHeader,
  known: JournalState | null,
  old: string | null,
): void {
  if (known?.begun === true) return
  if (old !== null) throw stalePlan(header, old)
  const holds = header.guardrails.every((guardrail) => guardrail.ok)
  const isApproved = (known?.approvals.length ?? 0) > 0
  if (!holds && !isApproved) throw guardrailStop(header)
}

async function withJob(
  options: ApplyOptions,
  place: JournalPlace,
  work: (job: Job) => Promise<void>,
): Promise<JournalState> {
  const open: { close(): Promise<void> }[] = []
  const keep = <File extends { close(): Promise<void> }>(file: File): File => {
    open.push(file)
    return file
  }
  try {
    const journal = keep(await Journal.open(place.journal))
    await work({
      marketo: options.marketo,
      rules: new FieldRules(options.schema),
      journal,
      snapshots: keep(await SnapshotFile.open(place.snapshot)),
      readBack: keep(await ReadBackFile.open(place.readBack)),
      emit: options.emit,
      signal: options.signal,
      random: options.random,
      deadline: options.deadline ?? null,
      breaker: new Breaker(),
      held: [],
      mayHaveLostJournal: !journal.state.begun,
    })
    return journal.state
  } finally {
    for (const file of open) await file.close()
  }
}

async function begin(job: Job, header: PlanHeader, run: string): Promise<void> {
  const { state } = job.journal
  if (state.plan !== null && state.plan !== header.hash) {
    throw new PipelineError(
      'journal_foreign',
      `The journal of plan ${planName(header.hash)} belongs to another plan, so what was sent is not certain. Nothing was sent; put the right journal back.`,
      { exit: exitCode.planRefused },
    )
  }
  const at = Math.round(job.marketo.serverNow())
  const epoch = state.epoch + 1
  await job.journal.append(
    [{ kind: 'begin', epoch, run, plan: header.hash, at }],
    true,
  )
}

async function carryOut(
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
  }
}

function isMerge(row: PlanRow): row is MergeRow {
  return row.kind === 'merge'
}

function isUpdate(row: PlanRow): row is UpdateRow {
  return row.kind === 'update'
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

/** Every row must have ended; otherwise the plan is not finished. */
async function finish(job: Job, header: PlanHeader): Promise<void> {
  const { counts, differences, final } = job.journal.state
  const rows = header.merges + header.updates
  if (final.size !== rows) {
    throw new PipelineError(
      'rows_lost',
      `The plan ${planName(header.hash)} has ${rows} rows, but ${final.size} have ended; this is a mistake in the program, please report it.`,
      { exit: exitCode.unexpected },
    )
  }
  await job.journal.append([{ kind: 'end', counts, differences }], true)
}

function result(
  state: JournalState,
  place: JournalPlace,
  calls: number,
): ApplyResult {
  const { counts, differences } = state
  return { ...counts, differences, calls, readBack: place.readBack }
}
