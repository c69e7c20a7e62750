import { type Clock, systemClock } from '../clock.js'
import { exitCode, PipelineError } from '../error.js'
import type { LeadSchema, Marketo } from '../marketo/api.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { type Disk, machineDisk } from './disk.js'
import type { ApplyEvent } from './event.js'
import { FieldRules } from './field-rule.js'
import { carryOut } from './carry-out.js'
import { Breaker, Elapsed, type Job } from './job.js'
import { Journal, readJournal } from './journal.js'
import type { JournalState, StatusCounts } from './journal-state.js'
import { isAlive, Lease, thisHolder } from './lease.js'
import type { Holder } from './lease-state.js'
import {
  frozenByOthers,
  isPastKnown,
  outwaitUnknown,
  refuseOlder,
} from './past.js'
import { Memberships } from './membership.js'
import { importKeys, laneOf } from './lane.js'
import { Pace } from './pace.js'
import { type JournalPlace, journalPlace, leasePath } from './place.js'
import type { PlanHeader } from './plan.js'
import { openPlan, planName } from './plan-file.js'
import {
  guardrailStop,
  refuseForeignPlan,
  staleness,
  stalePlan,
} from './plan-refusal.js'
import { provePlan } from './plan-proof.js'
import { rowsOf } from './plan-size.js'
import { ReadBackFile } from './read-back.js'
import { ScoreHabits } from './score.js'
import { SnapshotFile } from './snapshot.js'

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
  /** Done when every row has ended, and again where that was cut off. */
  readonly beforeEnd?: (state: JournalState) => Promise<void>
  /** Rows after which to pause; left out: none. */
  readonly first?: number
  /** Time of Marketo's clock in milliseconds after which no row is begun. */
  readonly deadline?: number
  /**
   * Marketo's monotonic time at which this process had the folder for itself:
   * what others sent, they sent before. The call itself by default.
   */
  readonly since?: number
  /** The machine's, for the lease. */
  readonly clock?: Clock
  readonly disk?: Disk
  readonly holder?: Holder
  readonly isAlive?: (holder: Holder) => boolean | null
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
  const { marketo, disk = machineDisk } = options
  const since = options.since ?? marketo.clock.monotonic()
  const plan = await openPlan(options.plan, disk)
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
    const known = await readJournal(place.journal, disk)
    if (known?.end) return result(known, place, 0)
    const old = staleness(header, use)
    refuseToBegin(header, known, old)
    if (known?.begun !== true) await provePlan(plan, options.pipeline)
    const calls = marketo.calls
    const name = planName(header.hash)
    const epoch = known?.epoch ?? 0
    const state = await withLease(options, { name, epoch }, (lease) =>
      withJob(options, { place, lease, header }, async (job) => {
        const { folder, first = null } = options
        const at = { plan: name, folder, disk }
        const isKnown = await isPastKnown(job, lease, at)
        if (!isKnown) await outwaitUnknown(job, header, since)
        await begin(job, header, { run: options.run, lease })
        const frozen = await frozenByOthers(lease, at)
        await carryOut(job, plan, { old, frozen, first })
        await options.beforeEnd?.(job.journal.state)
        await finish(job, header)
      }),
    )
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

async function withLease<Result>(
  options: ApplyOptions,
  { name, epoch }: { name: string; epoch: number },
  work: (lease: Lease) => Promise<Result>,
): Promise<Result> {
  const token = Math.floor(options.random() * 2 ** 32).toString(16)
  const lease = await Lease.take({
    path: leasePath(options.folder),
    plan: name,
    id: `${options.run}.${token}`,
    clock: options.clock ?? systemClock,
    disk: options.disk ?? machineDisk,
    holder: options.holder ?? thisHolder(),
    isAlive: options.isAlive ?? isAlive,
    above: epoch,
  })
  try {
    return await work(lease)
  } finally {
    await lease.close()
  }
}

/** Says that nothing more comes; where that fails, the next one waits. */
async function layDown({ journal }: Job, lease: Lease): Promise<void> {
  try {
    await journal.sync()
    const { lines, head, state } = journal
    const settled = state.epoch === lease.epoch
    await lease.release({ lines, head, settled })
  } catch {
    // The failure that ended the work is the one to be told.
  }
}

async function withJob(
  options: ApplyOptions,
  {
    place,
    lease,
    header,
  }: { place: JournalPlace; lease: Lease; header: PlanHeader },
  work: (job: Job) => Promise<void>,
): Promise<JournalState> {
  const { disk = machineDisk } = options
  const name = planName(header.hash)
  const mark = lease.past.marks.get(name) ?? null
  const open: { close(): Promise<void> }[] = []
  const keep = <File extends { close(): Promise<void> }>(file: File): File => {
    open.push(file)
    return file
  }
  try {
    // A holder that only sleeps has it open, and may be about to write.
    if (lease.isTakenOver) {
      for (const path of Object.values(place)) {
        await disk.replace(path, () => lease.hold())
      }
    }
    const journal = keep(
      await Journal.open(place.journal, {
        disk,
        mayWrite: () => lease.hold(),
        mark,
      }),
    )
    refuseOlder(journal, lease, name)
    if (journal.state.end !== null) return journal.state
    const { crmRecordsPerHour } = options.pipeline.load
    const imports = importKeys(header)
    const job: Job = {
      marketo: options.marketo,
      folder: options.folder,
      rules: new FieldRules(
        options.schema,
        await ScoreHabits.read(options.folder, options.marketo.instance, disk),
      ),
      journal,
      lease,
      snapshots: keep(await SnapshotFile.open(place.snapshot, disk)),
      readBack: keep(await ReadBackFile.open(place.readBack, disk)),
      disk,
      emit: options.emit,
      signal: options.signal,
      random: options.random,
      memberships: new Memberships(options.pipeline.load.keep),
      elapsed: new Elapsed(options.marketo.clock),
      deadline: options.deadline ?? null,
      breaker: new Breaker(),
      held: [],
      importing: [],
      undone: [],
      pace: new Pace(crmRecordsPerHour),
      laneOf: (planned) =>
        laneOf(planned, {
          imports,
          crmRecordsPerHour,
          rules: job.rules,
          wasImported: (row) => journal.state.wasImported(row),
        }),
      mayHaveLostJournal: !journal.state.begun,
    }
    try {
      await work(job)
    } finally {
      await layDown(job, lease)
    }
    return journal.state
  } finally {
    for (const file of open) await file.close()
  }
}

async function begin(
  job: Job,
  header: PlanHeader,
  { run, lease }: { run: string; lease: Lease },
): Promise<void> {
  const { state } = job.journal
  if (state.plan !== null && state.plan !== header.hash) {
    throw new PipelineError(
      'journal_foreign',
      `The journal of plan ${planName(header.hash)} belongs to another plan, so what was sent is not certain. Nothing was sent; put the right journal back.`,
      { exit: exitCode.planRefused },
    )
  }
  const at = Math.round(job.marketo.serverNow())
  const { epoch } = lease
  await job.journal.append(
    [{ kind: 'begin', epoch, run, plan: header.hash, at }],
    true,
  )
  await lease.began()
}

/** Every row must have ended; otherwise the plan is not finished. */
async function finish(job: Job, header: PlanHeader): Promise<void> {
  const { counts, differences, final } = job.journal.state
  const rows = rowsOf(header)
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
