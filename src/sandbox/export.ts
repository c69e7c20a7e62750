import { commitWrite, type Call, type Route } from './call.js'
import { statusAt, type ExportRecord, type ExportStatus } from './export-job.js'
import { downloadExport } from './export-download.js'
import { fateOf } from './export-fate.js'
import { newJob, queueLength } from './export-queue.js'
import { exportRequest, statusFilter } from './export-request.js'
import { pageOf } from './page.js'
import { ApiError, result, resultFirst, type Reply } from './reply.js'
import type { Service } from './service.js'
import { isoSeconds } from './value.js'

const day = 86_400_000

function create(call: Call): Reply {
  const { service } = call
  const request = exportRequest(call)
  checkQuota(service)
  const n = service.world.jobs.size + 1
  const job: ExportRecord = {
    ...request,
    ...newJob(service, n, call.client.user),
  }
  save(call, 'leads/export/create', job)
  return result([shown(service, job, 'Created')])
}

function checkQuota(service: Service): void {
  const limit = service.limits.exportBytesPerDay
  if (service.limitDesk.exportBytesToday(service.now()) < limit) return
  service.limitDesk.peaks.refuse('exportBytesPerDay')
  const megabytes = Math.round(limit / 1_000_000)
  throw new ApiError('1029', `Export daily quota ${megabytes}MB exceeded.`)
}

function save(call: Call, endpoint: string, job: ExportRecord): void {
  commitWrite(call, endpoint, [{ kind: 'job', job }], {
    request: { exportId: job.exportId },
  })
}

/** The caller's own job; others' are as unknown (Adobe docs). */
function jobOf(call: Call): ExportRecord | null {
  const job = call.service.world.jobs.get(call.params['id'] ?? '')
  return job !== undefined && isShown(call, job) ? job : null
}

function isShown({ client }: Call, { user, fate }: ExportRecord): boolean {
  return user === client.user && fate !== 'job-vanished'
}

function knownJob(call: Call): ExportRecord {
  const job = jobOf(call)
  if (job === null) throw new ApiError('1013', 'Export job not found')
  return job
}

function enqueue(call: Call): Reply {
  const { service, fault } = call
  const job = knownJob(call)
  const now = service.now()
  const status = statusAt(job, now)
  if (status === 'Queued' || status === 'Processing') {
    throw new ApiError('1029', 'Job already queued')
  }
  if (status !== 'Created') {
    throw new ApiError('1003', `Export job is ${status}`)
  }
  checkQuota(service)
  if (queueLength(service) >= service.limits.exportsQueued) {
    service.limitDesk.peaks.refuse('exportsQueued')
    throw new ApiError('1029', 'Too many jobs in queue')
  }
  const queued = { ...job, queuedAt: now, ...fateOf(fault, now) }
  save(call, 'leads/export/{id}/enqueue', queued)
  return result([shown(service, queued, 'Queued')])
}

function cancel(call: Call): Reply {
  const { service } = call
  const job = knownJob(call)
  const status = statusAt(job, service.now())
  if (status === 'Completed' || status === 'Failed') {
    throw new ApiError('1003', `Export job is ${status}`)
  }
  const cancelled = { ...job, cancelledAt: job.cancelledAt ?? service.now() }
  save(call, 'leads/export/{id}/cancel', cancelled)
  return result([shown(service, cancelled, 'Cancelled')])
}

/**
 * When the status of a job was last refreshed: at most every 60 s (Adobe
 * docs), so an enqueue or an end shows up to a minute late.
 */
function refreshedAt(service: Service, job: ExportRecord): number {
  const { statusRefresh } = service.timing
  const now = service.now()
  if (statusRefresh <= 0) return now
  const age = now - job.createdAt
  // What happens in the moment of a refresh shows with the next one.
  return job.createdAt + Math.floor(age / statusRefresh) * statusRefresh - 1
}

function statusOf(call: Call): Reply {
  const { service } = call
  const job = knownJob(call)
  const ended = job.endsAt ?? job.cancelledAt
  const kept = service.behaviour.exportJobDays * day
  if (ended !== null && ended + kept < service.now()) {
    throw new ApiError('1013', 'Export job not found')
  }
  const at = refreshedAt(service, job)
  return result([shown(service, job, statusAt(job, at))])
}

function list(call: Call): Reply {
  const { service } = call
  const wanted = statusFilter(call)
  const since = service.now() - 7 * day
  const found = [...service.world.jobs.values()].flatMap((job) => {
    if (!isShown(call, job) || job.createdAt < since) return []
    const state = statusAt(job, refreshedAt(service, job))
    if (wanted.length > 0 && !wanted.includes(state.toLowerCase())) return []
    return [shown(service, job, state)]
  })
  const page = pageOf(call, found)
  return resultFirst(page.items, page.extra)
}

function time(
  name: string,
  at: number | null,
  isVisible: boolean,
): Record<string, string> {
  return isVisible && at !== null ? { [name]: isoSeconds(at) } : {}
}

/** Members that a job does not have yet are left out, not null. */
function shown(
  service: Service,
  job: ExportRecord,
  state: ExportStatus,
): object {
  const queued = state !== 'Created' && job.queuedAt !== null
  const begun = ['Processing', 'Completed', 'Failed'].includes(state)
  const completed = state === 'Completed'
  const { cancelledSpelling } = service.behaviour
  return {
    exportId: job.exportId,
    format: job.format,
    status: state === 'Cancelled' ? cancelledSpelling : state,
    createdAt: isoSeconds(job.createdAt),
    ...time('queuedAt', job.queuedAt, queued),
    ...time('startedAt', job.startedAt, begun),
    ...time('finishedAt', job.endsAt, completed || state === 'Failed'),
    ...(completed ? fileFacts(job) : {}),
    ...(state === 'Failed' && job.failure !== null
      ? { errorMsg: job.failure }
      : {}),
  }
}

/** What the status tells of a file; dirt may make it wrong. */
function fileFacts({ rows, bytes, sha256, dirt }: ExportRecord): object {
  const fileSize = dirt === 'size' ? bytes + 1 : bytes
  const facts = { numberOfRecords: rows, fileSize }
  if (dirt === 'no-checksum') return facts
  const md5 = `md5:${sha256.slice(0, 32)}`
  const right = `sha256:${sha256}`
  const wrong = right.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
  const told = dirt === 'checksum' ? wrong : right
  return { ...facts, fileChecksum: dirt === 'md5-checksum' ? md5 : told }
}

const permission = 'Read-Only Lead'
const base = '/bulk/v1/leads/export'

export const exportRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: `${base}/create.json`,
    permission,
    write: 'leads/export/create',
    handler: create,
  },
  {
    method: 'POST',
    path: `${base}/{id}/enqueue.json`,
    permission,
    write: 'leads/export/{id}/enqueue',
    handler: enqueue,
  },
  {
    method: 'POST',
    path: `${base}/{id}/cancel.json`,
    permission,
    write: 'leads/export/{id}/cancel',
    handler: cancel,
  },
  {
    method: 'GET',
    path: `${base}/{id}/status.json`,
    permission,
    handler: statusOf,
  },
  { method: 'GET', path: `${base}.json`, permission, handler: list },
  {
    method: 'GET',
    path: `${base}/{id}/file.json`,
    permission,
    handler: (call) => downloadExport(call, jobOf(call)),
  },
]
