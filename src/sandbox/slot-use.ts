import { centralDay } from './central-time.js'
import { releasedAt, type ExportRecord } from './export-job.js'

export interface SlotUse {
  /** Milliseconds in which work and quota existed. */
  readonly open: number
  /** Those of them with every slot busy. */
  readonly full: number
  /** Those of them with no slot busy. */
  readonly idle: number
  /** `full` of `open`; null where there was never work. */
  readonly share: number | null
}

export interface SlotOptions {
  readonly slots: number
  /** The quota that the client keeps to. */
  readonly bytesPerDay: number
  /** A rest of the quota that is too small for one more job. */
  readonly least: number
  readonly now: number
}

interface Moment {
  readonly at: number
  readonly running: number
  readonly bytes: number
}

/**
 * How well the slots for processing exports were used. Work exists from the
 * first enqueue to the last start; quota exists while the files of the day,
 * finished or in the making, leave more than `least` bytes of it.
 */
export function slotUse(
  jobs: readonly ExportRecord[],
  options: SlotOptions,
): SlotUse {
  const { slots, bytesPerDay, least, now } = options
  const own = jobs.filter(({ other }) => other === undefined)
  const queued = own.flatMap(({ queuedAt }) => queuedAt ?? [])
  const started = own.flatMap(({ startedAt }) => startedAt ?? [])
  const [from, to] = [
    least0(queued),
    started.reduce((a, b) => Math.max(a, b), 0),
  ]
  if (queued.length === 0) return { open: 0, full: 0, idle: 0, share: null }
  const sum = { open: 0, full: 0, idle: 0 }
  let [running, bytes, day, before] = [0, 0, centralDay(from), from]
  const take = (until: number) => {
    const length = Math.min(until, to) - Math.max(before, from)
    if (length > 0 && bytes + least < bytesPerDay) {
      sum.open += length
      if (running >= slots) sum.full += length
      if (running === 0) sum.idle += length
    }
    before = Math.max(before, until)
  }
  for (const moment of momentsOf(jobs, from, Math.min(to, now))) {
    take(moment.at)
    running += moment.running
    if (centralDay(moment.at) !== day) {
      // The files being made are counted on the day on which they end.
      day = centralDay(moment.at)
      bytes = bytesMaking(jobs, moment.at)
    } else bytes += moment.bytes
  }
  take(Math.min(to, now))
  return { ...sum, share: sum.open > 0 ? sum.full / sum.open : null }
}

function least0(times: readonly number[]): number {
  return times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
}

/** Bytes of the jobs that are processing over a moment. */
function bytesMaking(jobs: readonly ExportRecord[], at: number): number {
  return jobs
    .filter((job) => (job.startedAt ?? Infinity) < at && releasedAt(job) > at)
    .reduce((sum, job) => sum + bytesOf(job), 0)
}

function bytesOf({ bytes, failed }: ExportRecord): number {
  return failed ? 0 : bytes
}

/** Starts, ends and midnights in order; ends before starts. */
function momentsOf(
  jobs: readonly ExportRecord[],
  from: number,
  to: number,
): Moment[] {
  const moments: Moment[] = []
  for (const job of jobs) {
    if (job.startedAt === null) continue
    moments.push({ at: job.startedAt, running: 1, bytes: bytesOf(job) })
    const end = releasedAt(job)
    if (!Number.isFinite(end)) continue
    const given = end === job.endsAt ? 0 : -bytesOf(job)
    moments.push({ at: end, running: -1, bytes: given })
  }
  const hour = 3_600_000
  for (let at = Math.ceil(from / hour) * hour; at < to; at += hour) {
    if (centralDay(at) !== centralDay(at - 1)) {
      moments.push({ at, running: 0, bytes: 0 })
    }
  }
  return moments.toSorted((a, b) => a.at - b.at || a.running - b.running)
}
