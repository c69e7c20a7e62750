/**
 * Asking a run of another process to end after the row in flight. The request
 * is a file that names the run, so it can never hit another process that got
 * the same pid, nor a later run.
 */
import { setMaxListeners } from 'node:events'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, instant } from '../clock.js'
import { replaceFile } from '../durable.js'
import type { Log } from '../log.js'
import { isLocked } from '../warehouse/lock.js'
import { foldersOf } from './folder.js'
import {
  isOpen,
  readRecord,
  recordedRuns,
  recordFile,
  type RunRecord,
} from './record.js'
import { stopped } from './stop.js'

/** Milliseconds between two looks at a run that was asked to end. */
const look = 250
/** What goes on in a pipeline's folder. */
export type Activity =
  | { readonly kind: 'idle' }
  | { readonly kind: 'run'; readonly run: RunRecord }
  /** Another command holds the lock, such as `build`. */
  | { readonly kind: 'other' }

export async function activity(
  projectDir: string,
  pipeline: string,
): Promise<Activity> {
  const { root, log } = foldersOf(projectDir, pipeline)
  if (!(await isLocked(root))) return { kind: 'idle' }
  const run = newestRun(log)
  if (run !== null && isOpen(run)) return { kind: 'run', run }
  return { kind: 'other' }
}

/** The newest run whose record can be read. */
function newestRun(folder: string): RunRecord | null {
  for (const id of recordedRuns(folder).toReversed()) {
    const record = readRecord(folder, id)
    if (record !== null) return record
  }
  return null
}

/**
 * Asks the run that goes on to end; it does so when what is in flight is
 * known. Says what it found; only a `run` was asked.
 */
export async function requestStop(
  projectDir: string,
  pipeline: string,
  { who, clock }: { who: string; clock: Pick<Clock, 'now' | 'sleep'> },
): Promise<Activity> {
  let found = await activity(projectDir, pipeline)
  if (found.kind === 'other') {
    // A run that has just begun, or just ended, has the lock and no record.
    await clock.sleep(look * 2)
    found = await activity(projectDir, pipeline)
  }
  if (found.kind !== 'run') return found
  const { log } = foldersOf(projectDir, pipeline)
  const request = { run_id: found.run.run_id, who, at: instant(clock) }
  await replaceFile(
    stopFile(log, found.run.run_id),
    `${JSON.stringify(request)}\n`,
  )
  return found
}

/** Looks after which it is checked that the process still lives. */
const looksPerCheck = 8

/**
 * Waits until a run has ended, and gives its last record; null where it goes
 * on after `limit` milliseconds. Its record is the only thing that is read.
 */
export async function awaitEnd(
  projectDir: string,
  { pipeline, run_id: id }: Pick<RunRecord, 'pipeline' | 'run_id'>,
  options: {
    readonly clock: Clock
    readonly limit: number
    readonly onLook?: (run: RunRecord) => void
  },
): Promise<RunRecord | null> {
  const { clock, limit, onLook } = options
  const { root, log } = foldersOf(projectDir, pipeline)
  const ends = clock.monotonic() + limit
  for (let looks = 1; ; looks += 1) {
    const record = readRecord(log, id)
    const isOver = record === null || !isOpen(record)
    // A process that was killed leaves an open record and no lock.
    const isDead = looks % looksPerCheck === 0 && !(await isLocked(root))
    if (isOver || isDead) return readRecord(log, id) ?? record
    onLook?.(record)
    if (clock.monotonic() >= ends) return null
    await clock.sleep(look)
  }
}

export interface StopWatch {
  /** Aborted by the caller's signal or by a request. */
  readonly signal: AbortSignal
  close(): void
}

/**
 * Watches for a request to stop the run of this record. Requests to earlier
 * runs go away here: nobody can have asked this one yet.
 */
export function watchStop(
  folder: string,
  record: RunRecord,
  { clock, log, signal }: { clock: Clock; log: Log; signal: AbortSignal },
): StopWatch {
  dropRequests(folder)
  const asked = new AbortController()
  const closed = new AbortController()
  const file = stopFile(folder, record.run_id)
  const watch = async () => {
    while (!existsSync(file)) await clock.sleep(look, closed.signal)
    log.event('run.stopped', { msg: 'asked by pipeline stop' })
    asked.abort(stopped(record.pipeline))
  }
  watch().catch(() => {})
  const either = AbortSignal.any([signal, asked.signal])
  // Every call that waits for its turn listens; they may be hundreds.
  setMaxListeners(0, either)
  return {
    signal: either,
    close() {
      closed.abort(new Error('The run has ended.'))
      rmSync(file, { force: true })
    },
  }
}

function stopFile(folder: string, runId: string): string {
  return recordFile(folder, runId).replace(/\.json$/, '.stop')
}

function dropRequests(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.stop')) rmSync(join(folder, name), { force: true })
  }
}
