import { centralDay } from './central-time.js'
import { releasedAt, type ExportRecord } from './export-job.js'
import type { Peaks, Watched } from './peak.js'
import type { Service } from './service.js'
import { slotUse } from './slot-use.js'
import { isoSeconds } from './value.js'

const watched: readonly Watched[] = [
  'callsPer20s',
  'concurrency',
  'callsPerDay',
  'exportBytesPerDay',
  'exportsProcessing',
  'exportsQueued',
]

/**
 * Of every limit the highest use in any window and the calls refused because
 * of it. `overruns` is 0 when no call was refused and no use exceeds its
 * limit; injected faults do not count.
 */
export function usageView(service: Service, query: URLSearchParams): object {
  const { world, limits, limitDesk } = service
  const jobs = [...world.jobs.values()]
  noteDays(service)
  noteJobs(jobs, limitDesk.peaks)
  const uses = watched.map((name) => {
    const limit = limits[name]
    const { highest, at, refused } = limitDesk.peaks.of(name)
    const when = at === null ? null : isoSeconds(at)
    return [name, { limit, highest, at: when, refused }] as const
  })
  const overruns = uses.reduce(
    (sum, [, { limit, highest, refused }]) =>
      sum + refused + (highest > limit && refused === 0 ? 1 : 0),
    0,
  )
  const exportSlots = slotUse(jobs, {
    slots: limits.exportsProcessing,
    bytesPerDay: Number(
      query.get('exportBytesPerDay') ?? limits.exportBytesPerDay,
    ),
    least: Number(query.get('least') ?? 0),
    now: service.now(),
  })
  const days = Object.fromEntries(world.usage)
  return { days, limits: Object.fromEntries(uses), overruns, exportSlots }
}

/** Calls and bytes of each Central day. */
function noteDays(service: Service): void {
  const { world, limitDesk } = service
  const { peaks } = limitDesk
  const now = service.now()
  for (const [day, { users }] of world.usage) {
    const calls = Object.values(users).reduce((sum, count) => sum + count, 0)
    const all = calls + limitDesk.otherCalls(day, now)
    peaks.note('callsPerDay', all, Date.parse(day))
  }
  const bytes = new Map<string, number>()
  for (const job of world.jobs.values()) {
    const isDone = job.endsAt !== null && releasedAt(job) === job.endsAt
    if (!isDone || job.failed || job.endsAt > now) continue
    const day = centralDay(job.endsAt)
    bytes.set(day, (bytes.get(day) ?? limitDesk.otherBytes()) + job.bytes)
  }
  for (const [day, sum] of bytes) {
    peaks.note('exportBytesPerDay', sum, Date.parse(day))
  }
}

/** Jobs that were processing, and in the queue, at the same time. */
function noteJobs(jobs: readonly ExportRecord[], peaks: Peaks): void {
  sweep(jobs, peaks, 'exportsProcessing', ({ startedAt }) => startedAt)
  sweep(jobs, peaks, 'exportsQueued', ({ queuedAt }) => queuedAt)
}

function sweep(
  jobs: readonly ExportRecord[],
  peaks: Peaks,
  limit: Watched,
  begin: (job: ExportRecord) => number | null,
): void {
  const moments = jobs.flatMap((job) => {
    const from = begin(job)
    if (from === null) return []
    return [
      { at: from, step: 1 },
      { at: releasedAt(job), step: -1 },
    ]
  })
  let open = 0
  for (const { at, step } of moments.toSorted(
    (a, b) => a.at - b.at || a.step - b.step,
  )) {
    open += step
    peaks.note(limit, open, at)
  }
}
