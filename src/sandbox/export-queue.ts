import { nextStart, statusAt, type ExportRecord } from './export-job.js'
import { renderExport } from './export-file.js'
import { advanceImports } from './import-queue.js'
import { otherUser } from './others.js'
import type { Service } from './service.js'
import { uuidOf } from './token.js'

/**
 * Starts every job whose turn has come. Called before anything that reads or
 * changes the world, so values are those of the moment the job started.
 */
export function advanceExports(service: Service): void {
  const { limits, timing, world } = service
  const slots = limits.exportsProcessing
  enqueueOthers(service)
  for (;;) {
    const next = nextStart(world.jobs.values(), slots, timing.jobPickup)
    const now = service.now()
    advanceImports(service, Math.min(next?.at ?? now, now))
    if (next === null || next.at > now) return
    startJob(service, next.job, next.at)
  }
}

function startJob(service: Service, job: ExportRecord, at: number): void {
  if (job.other !== undefined) {
    const { seconds, bytes } = job.other
    const endsAt = at + seconds * 1000
    const started = { ...job, startedAt: at, endsAt, bytes }
    return service.commit([{ kind: 'job', job: started }])
  }
  const file = renderExport(service, job)
  const empty = file.rows === 0 && service.behaviour.emptyExport === 'missing'
  if (!empty && job.fate !== 'job-fileless')
    service.shelf.put(`${job.exportId}.csv`, file.contents)
  const length = duration(service, file.rows) + (job.seconds ?? 0) * 1000
  const halfway = at + Math.ceil(length / 2)
  const started: ExportRecord = {
    ...job,
    startedAt: at,
    endsAt: job.stuck && job.seconds === undefined ? null : at + length,
    ...(job.fate === 'job-cancelled' ? { cancelledAt: halfway } : {}),
    rows: file.rows,
    bytes: file.contents.size,
    sha256: file.sha256,
  }
  service.commit([{ kind: 'job', job: started }])
}

/** Jobs of others whose time has come, where queue and quota have room. */
function enqueueOthers(service: Service): void {
  const { others, limits, limitDesk } = service
  for (;;) {
    const now = service.now()
    const use = others.nextJob(now)
    if (use === null || queueLength(service) >= limits.exportsQueued) return
    if (limitDesk.exportBytesToday(now) >= limits.exportBytesPerDay) return
    others.takeJob()
    const n = service.world.jobs.size + 1
    const job: ExportRecord = {
      ...newJob(service, n, otherUser),
      fields: ['id'],
      format: 'CSV',
      headers: {},
      filter: { kind: 'createdAt', from: now, to: now },
      queuedAt: now,
      other: { seconds: use.seconds, bytes: use.bytes },
    }
    service.commit([{ kind: 'job', job }])
  }
}

type NewJob = Omit<ExportRecord, 'fields' | 'format' | 'headers' | 'filter'>

/** A job before anything happened to it. */
export function newJob(service: Service, n: number, user: string): NewJob {
  return {
    exportId: uuidOf(`${service.seed}:export:${n}`),
    n,
    user,
    createdAt: service.now(),
    queuedAt: null,
    startedAt: null,
    endsAt: null,
    cancelledAt: null,
    failure: null,
    failed: false,
    stuck: false,
    dirt: null,
    rows: 0,
    bytes: 0,
    sha256: '',
  }
}

/** About 90 s and a second more for each 5,000 rows. */
function duration(service: Service, rows: number): number {
  const { jobBase, jobPer5000Rows, jobVaries } = service.timing
  const factor = jobVaries ? -Math.log(1 - service.random.next()) : 1
  return Math.ceil(jobBase * factor + (rows / 5000) * jobPer5000Rows)
}

/** Jobs that hold a place in the queue now, of all users. */
export function queueLength(service: Service): number {
  const now = service.now()
  const waiting = [...service.world.jobs.values()].filter((job) => {
    const status = statusAt(job, now)
    return status === 'Queued' || status === 'Processing'
  })
  const others = service.limits.noise * service.limits.exportsQueued
  return waiting.length + Math.floor(others)
}
