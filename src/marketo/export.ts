import type { ExportFilter, ExportJob, ExportState } from './api.js'
import { badInput } from '../error.js'
import { endpoints } from './endpoint.js'
import type { Envelope, Json } from './envelope.js'
import { MarketoError } from './error.js'
import { pages, recordsOrNone } from './lead.js'
import type { Session } from './session.js'
import {
  instant,
  needInstant,
  needText,
  optionalCount,
  UnusableAnswer,
} from './value.js'

/** Both spellings of "cancelled" are in use (Adobe docs, bulk extract). */
const states: Readonly<Record<string, ExportState>> = {
  created: 'created',
  queued: 'queued',
  processing: 'processing',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  canceled: 'cancelled',
}

export interface ExportRequest {
  readonly fields: readonly string[]
  readonly filter: ExportFilter
}

/** A lost answer is `ambiguous`: the job may be in the list of jobs. */
export async function createExport(
  session: Session,
  { fields, filter }: ExportRequest,
): Promise<ExportJob> {
  const json = JSON.stringify({
    fields,
    format: 'CSV',
    filter: filterJson(filter),
  })
  return session.call({ endpoint: endpoints.createExport, json, read: readJob })
}

/** Harmless when repeated: a job that is queued already is a success. */
export async function enqueueExport(
  session: Session,
  exportId: string,
): Promise<ExportJob> {
  const endpoint = endpoints.enqueueExport
  try {
    const job = await session.call({
      endpoint,
      id: exportId,
      read: (answer) => (answer.result?.[0] ? readJob(answer) : null),
    })
    return queued(job ?? (await exportJob(session, exportId)))
  } catch (error) {
    if (!isProblem(error, 'already_queued')) throw error
    return queued(await exportJob(session, exportId))
  }
}

/** A status is up to 60 s old and may still say that nothing happened. */
function queued(job: ExportJob): ExportJob {
  return job.state === 'created' ? { ...job, state: 'queued' } : job
}

export function exportJob(
  session: Session,
  exportId: string,
): Promise<ExportJob> {
  return session.call({
    endpoint: endpoints.exportJob,
    id: exportId,
    read: readJob,
  })
}

/** Jobs of this API user in the last 7 days. */
export async function exportJobs(session: Session): Promise<ExportJob[]> {
  const records = await pages(session, {
    endpoint: endpoints.exportJobs,
    query: { batchSize: '300' },
    read: recordsOrNone,
  })
  return records.map(parseJob)
}

/** Succeeds where the job is over already. */
export async function cancelExport(
  session: Session,
  exportId: string,
): Promise<void> {
  try {
    await session.call({
      endpoint: endpoints.cancelExport,
      id: exportId,
      read: () => null,
    })
  } catch (error) {
    if (!isProblem(error, 'refused')) throw error
    const { state } = await exportJob(session, exportId)
    if (!['completed', 'failed', 'cancelled'].includes(state)) throw error
  }
}

function isProblem(error: unknown, problem: string): boolean {
  return error instanceof MarketoError && error.problem === problem
}

function readJob({ result }: Envelope): ExportJob {
  const job = result?.[0]
  if (!job) throw new UnusableAnswer('no job')
  return parseJob(job)
}

function parseJob(job: Json): ExportJob {
  const state = states[needText(job.status).toLowerCase()]
  if (!state) throw new UnusableAnswer('unknown state')
  const isDone = state === 'completed'
  return {
    exportId: needText(job.exportId),
    state,
    createdAt: needInstant(job.createdAt),
    startedAt: instant(job.startedAt),
    finishedAt: instant(job.finishedAt),
    rows: isDone ? optionalCount(job.numberOfRecords) : null,
    bytes: isDone ? optionalCount(job.fileSize) : null,
    sha256: isDone ? sha256(job.fileChecksum) : null,
    error: typeof job.errorMsg === 'string' ? job.errorMsg : null,
  }
}

function sha256(checksum: unknown): string | null {
  const text = typeof checksum === 'string' ? checksum : ''
  return /^sha256:([0-9a-f]{64})$/i.exec(text)?.[1]?.toLowerCase() ?? null
}

function filterJson(filter: ExportFilter): Json {
  if ('listId' in filter) {
    return { [`${filter.kind}Id`]: listId(filter.listId) }
  }
  const startAt = seconds(filter.startAt)
  return { [filter.kind]: { startAt, endAt: seconds(filter.endAt) } }
}

function listId(id: string): number {
  const number = Number(id)
  if (/^\d+$/.test(id) && Number.isSafeInteger(number)) return number
  throw badInput('list_id', `"${id}" is not the id of a list.`)
}

/** Dates of a filter have no fraction (Adobe docs, bulk lead extract). */
function seconds(time: string): string {
  const iso = instant(time)
  if (iso !== null) return `${iso.slice(0, 19)}Z`
  throw badInput('export_time', `"${time}" is not a time in ISO 8601.`)
}
