/** One bulk lead import as the world keeps it; times in milliseconds. */
export interface ImportRecord {
  readonly batchId: number
  readonly user: string
  readonly format: 'csv' | 'tsv' | 'ssv'
  readonly lookup: string
  readonly list: number | null
  readonly partition: number | null
  readonly queuedAt: number
  readonly startedAt: number | null
  /** When it is over; null before it starts, and while it is stuck. */
  readonly endsAt: number | null
  /** Rows of the file, without the header. */
  readonly rows: number
  /** Rows looked at so far; the world has their values. */
  readonly done: number
  readonly failures: readonly RowNote[]
  readonly warnings: readonly RowNote[]
  /** Why the import as a whole fails; null: it does not. */
  readonly failure: string | null
  /** Number of the call in the write log. */
  readonly n: number
  readonly fate: ImportFate
}

/** A row of the file, from 0, and what is said of it. */
export interface RowNote {
  readonly row: number
  readonly reason: string
}

/** What faults on demand make of an import. */
export interface ImportFate {
  /** Rows that fail or get a warning: every so many, with this reason. */
  readonly failEvery?: number
  readonly warnEvery?: number
  readonly reason?: string
  /** The import fails after so many of its rows. */
  readonly failsAfter?: number
  /** It does not leave this state, or not before so many seconds. */
  readonly stuckIn?: 'Queued' | 'Importing'
  readonly seconds?: number
}

export type ImportStatus = 'Queued' | 'Importing' | 'Complete' | 'Failed'

export function importStatus(job: ImportRecord, at: number): ImportStatus {
  if (job.endsAt !== null && job.endsAt <= at) {
    return job.failure === null ? 'Complete' : 'Failed'
  }
  return job.startedAt !== null && job.startedAt <= at ? 'Importing' : 'Queued'
}

/** Whether it holds a place in the queue, or in a list. */
export function isUnderWay(job: ImportRecord, at: number): boolean {
  const status = importStatus(job, at)
  return status === 'Queued' || status === 'Importing'
}

/**
 * The next queued import and when it starts: first in, first out, as soon as
 * fewer than `slots` are running (Adobe docs, bulk lead import).
 */
export function nextImport(
  jobs: Iterable<ImportRecord>,
  slots: number,
  pickup: number,
): { readonly job: ImportRecord; readonly at: number } | null {
  const released: number[] = []
  let first: { job: ImportRecord; turn: number } | null = null
  for (const job of jobs) {
    if (job.startedAt !== null) {
      released.push(job.endsAt ?? Number.POSITIVE_INFINITY)
      continue
    }
    const turn = turnOf(job)
    if (turn !== null && (first === null || turn < first.turn)) {
      first = { job, turn }
    }
  }
  if (first === null) return null
  released.sort((a, b) => b - a)
  const free = released[slots - 1] ?? Number.NEGATIVE_INFINITY
  return { job: first.job, at: Math.max(first.turn + pickup, free) }
}

/** When it may leave the queue; null: never. */
function turnOf({ queuedAt, fate }: ImportRecord): number | null {
  if (fate.stuckIn !== 'Queued') return queuedAt
  return fate.seconds === undefined ? null : queuedAt + fate.seconds * 1000
}

/** Rows that are looked at, and written, together. */
export const chunkRows = 300

/** When the next chunk of rows is due; null: no more, or not before its time. */
export function nextChunkAt(job: ImportRecord): number | null {
  const { startedAt, endsAt, rows, done } = job
  const last = job.failure === null ? rows : (job.fate.failsAfter ?? 0)
  if (startedAt === null || done >= last) return null
  if (endsAt === null) return null
  const share = Math.min(done + chunkRows, rows) / rows
  return startedAt + Math.floor((endsAt - startedAt) * share)
}
