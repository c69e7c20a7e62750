import type { Dirt } from './dirt.js'

/** One bulk lead export as the world keeps it; times in milliseconds. */
export interface ExportRecord {
  readonly exportId: string
  readonly n: number
  readonly user: string
  readonly format: 'CSV' | 'TSV' | 'SSV'
  readonly fields: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly filter: ExportFilter
  readonly createdAt: number
  readonly queuedAt: number | null
  readonly startedAt: number | null
  /** When processing ends; Infinity is written as null with `stuck`. */
  readonly endsAt: number | null
  readonly cancelledAt: number | null
  readonly failure: string | null
  readonly failed: boolean
  readonly stuck: boolean
  /** A stuck job goes on after so many seconds; left out: never. */
  readonly seconds?: number
  /** It stays in the queue until then; null: for good. */
  readonly heldUntil?: number | null
  readonly fate?: 'job-cancelled' | 'job-vanished' | 'job-fileless'
  /** Somebody else's; nothing is exported, but it takes its time. */
  readonly other?: { readonly seconds: number; readonly bytes: number }
  readonly dirt: Dirt | null
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

export type ExportFilter =
  | {
      readonly kind: 'createdAt' | 'updatedAt'
      /** Milliseconds, whole seconds, both ends inclusive. */
      readonly from: number
      readonly to: number
    }
  | { readonly kind: 'staticList' | 'smartList'; readonly list: number }

export type ExportStatus =
  | 'Created'
  | 'Queued'
  | 'Processing'
  | 'Completed'
  | 'Failed'
  | 'Cancelled'

/** The state of a job at a moment, from its recorded times alone. */
export function statusAt(job: ExportRecord, at: number): ExportStatus {
  const reached = (time: number | null) => time !== null && time <= at
  if (reached(job.cancelledAt)) return 'Cancelled'
  if (reached(job.endsAt)) return job.failed ? 'Failed' : 'Completed'
  if (reached(job.startedAt)) return 'Processing'
  return reached(job.queuedAt) ? 'Queued' : 'Created'
}

/** When a job stopped using a processing slot. */
export function releasedAt(job: ExportRecord): number {
  return Math.min(
    job.endsAt ?? Number.POSITIVE_INFINITY,
    job.cancelledAt ?? Number.POSITIVE_INFINITY,
  )
}

/**
 * The next queued job and when it starts: first in, first out, as soon as
 * fewer than `slots` jobs are processing (Adobe docs, bulk extract).
 */
export function nextStart(
  jobs: Iterable<ExportRecord>,
  slots: number,
  pickup: number,
): { readonly job: ExportRecord; readonly at: number } | null {
  const released: number[] = []
  let first: ExportRecord | null = null
  for (const job of jobs) {
    if (job.startedAt !== null) released.push(releasedAt(job))
    else if (job.queuedAt !== null && job.cancelledAt === null) {
      if (job.heldUntil === null) continue
      if (first === null || isBefore(job, first)) first = job
    }
  }
  if (first === null) return null
  released.sort((a, b) => b - a)
  const free = released[slots - 1] ?? Number.NEGATIVE_INFINITY
  return { job: first, at: Math.max(turnOf(first) + pickup, free) }
}

/** When a job joins the queue, or is let go in it. */
function turnOf({ queuedAt, heldUntil }: ExportRecord): number {
  return Math.max(queuedAt ?? 0, heldUntil ?? 0)
}

function isBefore(a: ExportRecord, b: ExportRecord): boolean {
  const [first, second] = [turnOf(a), turnOf(b)]
  return first === second ? a.n < b.n : first < second
}
