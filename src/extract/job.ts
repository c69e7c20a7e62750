import type { ExportJob } from '../marketo/api.js'
import { MarketoError } from '../marketo/error.js'
import { cancelQuietly } from './cancel.js'
import type { ExtractEvent } from './event.js'
import { exportRefused, jobFailed, jobStuck, queueStaysFull } from './fault.js'
import type { Task } from './state.js'
import { halvesOf } from './task.js'
import { advance, discard, type Work } from './work.js'

const minute = 60_000
/** Marketo refreshes a job's status this often (Adobe docs, bulk extract). */
export const tick = minute
/** A status that is older than this is no lag. */
const longestLag = 10 * minute
const longestRun = 6 * 60 * minute
/** Waits for a place in the queue, which all integrations share. */
const queueWaits = [1, 2, 4]
const longestQueueWait = 2 * 60 * minute
const mostFailures = 2
const mostStalls = 2
/** Clocks and seconds differ; nobody creates jobs at random. */
const adoptionSlack = 10 * minute

/** 1035: this subscription cannot export by time of change. */
export class UpdatedAtRefused extends Error {}

/**
 * Sees a task's export job through to a finished file: created once, put into
 * the queue, polled. A job that fails or vanishes is created again, twice at
 * most. Every step is durable before the next, the job's id before it may
 * start.
 */
export async function runJob(work: Work, task: Task): Promise<void> {
  let isNew = false
  while (task.state !== 'ready' && task.state !== 'landed') {
    if (task.state === 'planned' || task.state === 'creating') {
      await work.creation.take(() => create(work, task))
    }
    if (task.state === 'created') {
      await enqueue(work, task)
      isNew = true
    }
    if (task.state === 'queued') await finish(work, task, isNew)
  }
}

async function create(work: Work, task: Task): Promise<void> {
  work.signal.throwIfAborted()
  if (task.state === 'creating' && (await adopt(work, task))) return
  const askedAt = new Date(work.marketo.serverNow()).toISOString()
  await advance(work, task, { state: 'creating', askedAt })
  const { fields, filter } = task
  if (filter.kind === 'file' || filter.kind === 'ids') {
    throw new TypeError('Files and reads need no job')
  }
  try {
    const job = await work.marketo.createExport({ fields, filter })
    await created(work, task, job, false)
  } catch (error) {
    if (!(error instanceof MarketoError)) throw error
    await notCreated(work, task, error)
  }
}

async function created(
  work: Work,
  task: Task,
  { exportId }: ExportJob,
  isAdopted: boolean,
): Promise<void> {
  work.known.add(exportId)
  await advance(work, task, { state: 'created', exportId, isAdopted })
}

/** Throws, unless the job may exist or may be created after all. */
async function notCreated(
  work: Work,
  task: Task,
  error: MarketoError,
): Promise<void> {
  if (error.outcome === 'ambiguous' && error.problem !== 'stopped') {
    if (await adopt(work, task)) return
    await failed(work, task, 'vanished', error)
    return
  }
  if (error.problem !== 'stopped') {
    await advance(work, task, { state: 'planned', askedAt: null })
  }
  const isRefused = error.problem === 'filter_unsupported'
  if (isRefused && task.filter.kind === 'updatedAt') {
    throw new UpdatedAtRefused(error.message, { cause: error })
  }
  throw exportRefused(error, task, work.marketo.serverNow())
}

/**
 * Looks for the job of a request whose answer never came: a job of our own
 * API user, created at that time, that no extract knows. Its file will be
 * checked before it is believed.
 */
async function adopt(work: Work, task: Task): Promise<boolean> {
  // Nothing in a file of ids tells whose it is.
  if (task.isCensus === true) return false
  // Only creation times tell whose file it is. A job that is not adopted is
  // never put into the queue, so it costs nothing.
  if (task.filter.kind !== 'createdAt') return false
  const asked = Date.parse(task.askedAt ?? '')
  const jobs = await work.marketo.exportJobs()
  const candidates = jobs.filter(({ exportId, state, createdAt }) => {
    const age = Date.parse(createdAt) - asked
    const isThen = age > -2 * minute && age < adoptionSlack
    return isThen && state === 'created' && !work.known.has(exportId)
  })
  const distance = (job: ExportJob) =>
    Math.abs(Date.parse(job.createdAt) - asked)
  const [job] = candidates.toSorted((a, b) => distance(a) - distance(b))
  if (job === undefined) return false
  await created(work, task, job, true)
  const { exportId } = job
  work.emit({ type: 'again', key: task.key, exportId, why: 'adopted' })
  return true
}

async function enqueue(work: Work, task: Task): Promise<void> {
  const { marketo, signal } = work
  const exportId = task.exportId ?? ''
  let waited = 0
  for (let turn = 0; ; turn += 1) {
    const answer = await tryEnqueue(work, task, exportId)
    if (answer !== 'full') return
    work.crowded?.()
    const wait = (queueWaits[turn] ?? 4) * minute
    if (waited + wait > longestQueueWait) throw queueStaysFull(task)
    work.emit({
      type: 'wait',
      key: task.key,
      why: 'queue',
      seconds: wait / 1000,
    })
    await marketo.clock.sleep(wait, signal)
    waited += wait
  }
}

async function tryEnqueue(
  work: Work,
  task: Task,
  exportId: string,
): Promise<'full' | 'settled'> {
  try {
    await work.marketo.enqueueExport(exportId)
  } catch (error) {
    if (!(error instanceof MarketoError)) throw error
    if (error.problem === 'queue_full') return 'full'
    if (isGone(error)) {
      await failed(work, task, 'vanished', error)
      return 'settled'
    }
    // A job that ran already refuses; polling tells how it ended.
    const isKnown =
      error.problem === 'already_queued' || error.problem === 'refused'
    if (!isKnown) {
      throw exportRefused(error, task, work.marketo.serverNow())
    }
  }
  await advance(work, task, { state: 'queued' })
  return 'settled'
}

/** Polls until the job ends: a new one after a tick, a known one at once. */
async function finish(work: Work, task: Task, isNew: boolean): Promise<void> {
  const { clock } = work.marketo
  const start = clock.monotonic()
  const { patience = tick } = work
  if (isNew) await clock.sleep(patience, work.signal)
  for (;;) {
    const job = await poll(work, task.exportId ?? '')
    if (job === 'gone') return await failed(work, task, 'vanished', null)
    if (job.state === 'completed') return await ready(work, task, job)
    if (job.state === 'failed' || job.state === 'cancelled') {
      return await failed(work, task, job.state, job.error)
    }
    const waited = clock.monotonic() - start
    if (waited > longestRun) return await stuck(work, task)
    if (job.state === 'created' && waited > longestLag) {
      // The place in the queue was never taken; the answer was wrong.
      return await advance(work, task, { state: 'created' })
    }
    await clock.sleep(Math.max(pollWait(waited), patience / 2), work.signal)
  }
}

/** A job that takes hours needs no look every minute. */
function pollWait(waited: number): number {
  if (waited < 15 * minute) return tick
  return waited < 60 * minute ? 2 * tick : 4 * tick
}

/** Waited for twice, then given up for another one. */
async function stuck(work: Work, task: Task): Promise<void> {
  const stalls = (task.stalls ?? 0) + 1
  await advance(work, task, { stalls })
  if (stalls < mostStalls) throw jobStuck(task)
  await cancelQuietly(work.marketo, task.exportId ?? '')
  await failed(work, task, 'stuck', null)
}

async function poll(work: Work, exportId: string): Promise<ExportJob | 'gone'> {
  try {
    return await work.marketo.exportJob(exportId)
  } catch (error) {
    if (error instanceof MarketoError && isGone(error)) return 'gone'
    throw error
  }
}

function isGone({ problem }: MarketoError): boolean {
  return ['not_found', 'no_data', 'file_missing'].includes(problem)
}

async function ready(work: Work, task: Task, job: ExportJob): Promise<void> {
  await advance(work, task, {
    state: 'ready',
    rows: job.rows,
    bytes: job.bytes,
    sha256: job.sha256,
    finishedAt: job.finishedAt,
    ...tookOf(job),
  })
}

function tookOf({ startedAt, finishedAt }: ExportJob): { took?: number } {
  if (startedAt === null || finishedAt === null) return {}
  return { took: Date.parse(finishedAt) - Date.parse(startedAt) }
}

/** Forgets the job, so that another is created; throws after too many. */
export async function failed(
  work: Work,
  task: Task,
  why: Extract<ExtractEvent, { type: 'again' }>['why'],
  cause: unknown,
): Promise<void> {
  const { key, exportId } = task
  const failures = task.failures + 1
  const isLast = failures > mostFailures
  // The next run tries as often again.
  await forget(work, task, isLast ? 0 : failures)
  work.emit({ type: 'again', key, exportId, why })
  if (!isLast) return
  const error = jobFailed(task, exportId, failures, why, cause)
  await halve(work, task)
  throw error
}

/** A window that went wrong so often may be too much for Marketo. */
async function halve(work: Work, task: Task): Promise<void> {
  const halves = halvesOf(task)
  if (halves === null) return
  await work.file.change((state) => {
    task.filter = halves.first
    state.tasks.splice(state.tasks.indexOf(task) + 1, 0, halves.second)
  })
}

/** The task needs a new job; what came of the old one's file is not its. */
export async function forget(
  work: Work,
  task: Task,
  failures: number,
): Promise<void> {
  await discard(work, task)
  await advance(work, task, {
    state: 'planned',
    askedAt: null,
    exportId: null,
    isAdopted: false,
    failures,
    stalls: 0,
    rows: null,
    bytes: null,
    sha256: null,
    finishedAt: null,
  })
}
