import type { Clock } from '../clock.js'
import { exitCode, PipelineError } from '../error.js'
import type { Marketo, Outcome } from '../marketo/api.js'
import type { Disk } from './disk.js'
import type { ApplyEvent, SendKind } from './event.js'
import type { FieldRules } from './field-rule.js'
import type { Importing } from './import-state.js'
import type { Journal } from './journal.js'
import type { Lane } from './lane.js'
import type { Lease } from './lease.js'
import type { FinalStatus, PlanRow, UpdateRow } from './plan.js'
import type { Memberships } from './membership.js'
import type { ReadBackFile } from './read-back.js'
import { refusalReason } from './refusal.js'
import type { SnapshotFile } from './snapshot.js'
import type { Pace } from './pace.js'

/** A row that may or may not have had an effect. */
export interface Held {
  readonly row: PlanRow
  readonly send: SendKind
  /** Monotonic time from which nothing can take effect any more. */
  readonly clearAt: number
}

/** Everything that applying one plan needs. */
export interface Job {
  readonly marketo: Marketo
  /** Private folder of the pipeline. */
  readonly folder: string
  readonly rules: FieldRules
  readonly journal: Journal
  readonly lease: Pick<Lease, 'check' | 'mayLive' | 'mayOthersLive'>
  readonly snapshots: SnapshotFile
  readonly readBack: ReadBackFile
  readonly disk?: Disk
  readonly emit: (event: ApplyEvent) => void
  readonly signal: AbortSignal | undefined
  readonly random: () => number
  /** Lists and programs of leads to merge, where they are kept. */
  readonly memberships: Memberships
  /** Ages of readings are told by it. */
  readonly elapsed: Elapsed
  /** Time of Marketo's clock in milliseconds; null: none. */
  readonly deadline: number | null
  readonly breaker: Breaker
  readonly held: Held[]
  /** Imports that Marketo has taken and that are not verified yet. */
  readonly importing: Importing[]
  /** Rows that an import left as they were; they go by sync calls. */
  readonly undone: UpdateRow[]
  /** Which way a row goes, and at which pace. */
  readonly laneOf: (row: PlanRow) => Lane
  readonly pace: Pace
  /** No journal was there; it may have been lost, and work with it. */
  mayHaveLostJournal: boolean
}

/**
 * Milliseconds since a job began, by the clock that saw more of them: one
 * stands still while a machine sleeps, the other one may be set back.
 */
export class Elapsed {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>
  #now: number
  #monotonic: number
  #sum = 0

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock
    this.#now = clock.now()
    this.#monotonic = clock.monotonic()
  }

  get milliseconds(): number {
    const now = this.#clock.now()
    const monotonic = this.#clock.monotonic()
    this.#sum += Math.max(now - this.#now, monotonic - this.#monotonic)
    this.#now = now
    this.#monotonic = monotonic
    return this.#sum
  }
}

/** Throws a pause where no further row may be begun. */
export function checkpoint(job: Job, ahead = 0): void {
  if (job.signal?.aborted === true) throw pause('stopped', job.signal.reason)
  const { deadline, marketo } = job
  if (deadline !== null && marketo.clock.now() + ahead >= deadline) {
    throw pause('deadline')
  }
}

const pauses = {
  stopped: 'Applying the plan was stopped',
  deadline: 'Applying the plan reached its deadline',
  first: 'Applying the plan stopped after the first rows, as it was asked to',
  importing: 'Applying the plan stopped while Marketo works on an import',
  doubtful:
    'Applying the plan stopped because too many answers of Marketo leave open what happened',
} as const

export function pause(
  code: keyof typeof pauses,
  cause?: unknown,
): PipelineError {
  return new PipelineError(
    code,
    `${pauses[code]}. What was done is recorded; the same command continues and repeats nothing.`,
    { exit: exitCode.paused, recovery: 'wait', cause },
  )
}

export function isPause(error: unknown): boolean {
  return error instanceof PipelineError && error.code in pauses
}

/** The lease is renewed at least this often while we wait. */
const longestNap = 120_000

/** Waits in Marketo's time; a stop ends the wait as a pause. */
export async function wait(job: Job, milliseconds: number): Promise<void> {
  checkpoint(job, milliseconds)
  try {
    for (let left = milliseconds; left > 0; left -= longestNap) {
      await job.marketo.clock.sleep(Math.min(left, longestNap), job.signal)
      await job.lease.check()
    }
  } catch (error) {
    checkpoint(job)
    throw error
  }
}

const consecutiveLimit = 5
const shareLimit = 0.02
const shareMinimum = 20

/** Stops the work when Marketo leaves too often open what happened. */
export class Breaker {
  #sent = 0
  #doubtful = 0
  #running = 0

  note(outcome: Outcome): void {
    if (outcome === 'rejected' || outcome === 'not_sent') return
    this.#sent += 1
    const doubtful = outcome === 'ambiguous'
    this.#doubtful += doubtful ? 1 : 0
    this.#running = doubtful ? this.#running + 1 : 0
  }

  get isOpen(): boolean {
    const tooMany =
      this.#doubtful >= shareMinimum && this.#doubtful > this.#sent * shareLimit
    return this.#running > consecutiveLimit || tooMany
  }
}

export interface Settlement {
  readonly row: PlanRow
  readonly status: FinalStatus
  readonly reason: string
  /** Leads that stay untouched until a person decides. */
  readonly frozen?: readonly string[]
  /** Fields that are not as predicted. */
  readonly differences?: number
}

/** Gives rows their final status, durably; one line for equal ones. */
export async function settle(
  job: Job,
  settlements: readonly Settlement[],
): Promise<void> {
  if (settlements.length === 0) return
  const groups = new Map<string, Settlement[]>()
  for (const one of settlements) {
    const key = `${one.status}\n${one.reason}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  const entries = [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const frozen = group.flatMap((one) => one.frozen ?? [])
    const differences = group.reduce((n, one) => n + (one.differences ?? 0), 0)
    return {
      kind: 'status' as const,
      rows: group.map((one) => one.row.row),
      status: first.status,
      reason: first.reason,
      ...(frozen.length > 0 && { frozen }),
      ...(differences > 0 && { differences }),
    }
  })
  await job.journal.append(entries, true)
  for (const { row, status, reason } of settlements) {
    job.emit({ type: 'row', row: row.row, status, reason })
  }
}

/** Marketo refused the whole request. */
export async function settleRefused(
  job: Job,
  rows: readonly PlanRow[],
  code: string | null,
): Promise<void> {
  const reason = refusalReason(code)
  await settle(
    job,
    rows.map((row) => ({ row, status: 'failed', reason })),
  )
}
