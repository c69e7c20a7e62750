import { rename, rm } from 'node:fs/promises'
import { PipelineError } from '../error.js'
import { MarketoError } from '../marketo/error.js'
import { literal } from '../warehouse/quote.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { download, isDownloaded, WrongBytes } from './download.js'
import { fileDiffers } from './fault.js'
import { sizeOf } from './file.js'
import { failed, forget, tick } from './job.js'
import { CountMismatch, landCsv, type LandedTable } from './landing.js'
import { rejectName, writeRejects } from './reject-file.js'
import type { LandedFile, Task } from './state.js'
import { advance, csvPath, discard, type Work } from './work.js'

const mostFetches = 3
/** A finished job's file may come late (reported for a known client). */
const longestFileWait = 10 * 60_000
/** Between two tellings of a download, in bytes. */
const tellEvery = 4 * 1024 * 1024

/**
 * Downloads and lands the file of a finished job. Returns with the task
 * `landed`, or `planned` where the file never came and another job is needed.
 * Bytes or rows that differ are fetched again, then refused with the file
 * kept.
 */
export async function fetchTask(
  work: Work,
  task: Task,
  warehouse: Warehouse,
): Promise<void> {
  if (task.rows === 0) return await landNothing(work, task)
  for (let fetches = 1; ; fetches += 1) {
    try {
      if (!(await downloadTask(work, task))) return
      return await landTask(work, task, warehouse)
    } catch (error) {
      const how = difference(error)
      if (how === null) throw await setAside(work, task, error)
      // The same bytes would be read the same way again.
      const isHopeless = error instanceof CountMismatch && task.sha256 !== null
      if (fetches < mostFetches && !isHopeless) await discard(work, task)
      else throw await refuse(work, task, how)
    }
  }
}

function difference(error: unknown): string | null {
  const isDifference =
    error instanceof WrongBytes || error instanceof CountMismatch
  return isDifference ? error.message : null
}

async function landNothing(work: Work, task: Task): Promise<void> {
  // Nothing in the file says whose job it was.
  if (task.isAdopted) return await failed(work, task, 'file_differs', null)
  for (const { list } of task.lists) work.emit({ type: 'empty_list', list })
  const landed: LandedFile = {
    parquet: null,
    bytes: 0,
    sha256: null,
    rows: 0,
    rejects: 0,
    isVerified: true,
  }
  await advance(work, task, { state: 'landed', landed })
}

/** Returns false where the file never came; the task is planned again. */
async function downloadTask(work: Work, task: Task): Promise<boolean> {
  const { bytes, sha256 } = task
  const path = csvPath(work, task)
  if (await isDownloaded({ path, bytes, sha256 })) return true
  const { clock } = work.marketo
  const start = clock.monotonic()
  for (;;) {
    try {
      await download(work.marketo, downloadRequest(work, task))
      return true
    } catch (error) {
      const isMissing =
        error instanceof MarketoError && error.problem === 'file_missing'
      if (!isMissing) throw error
      if (clock.monotonic() - start > longestFileWait) {
        await failed(work, task, 'file_missing', error)
        return false
      }
    }
    const { key } = task
    work.emit({ type: 'wait', key, why: 'file', seconds: tick / 1000 })
    await clock.sleep(tick, work.signal)
  }
}

function downloadRequest(work: Work, task: Task) {
  const { key, bytes, sha256 } = task
  const exportId = task.exportId ?? ''
  let told = 0
  return {
    exportId,
    path: csvPath(work, task),
    bytes,
    sha256,
    signal: work.signal,
    onBytes: (have: number) => {
      if (have - told < tellEvery && have !== bytes) return
      told = have
      work.emit({ type: 'download', key, exportId, bytes: have, total: bytes })
    },
  }
}

async function landTask(
  work: Work,
  task: Task,
  warehouse: Warehouse,
): Promise<void> {
  const name = `${task.key}.parquet`
  const table = await believed(work, task, warehouse, name)
  if (table === null) return
  await writeRejects(work.file.path(rejectName(task.key)), table.rejects)
  const landed: LandedFile = {
    parquet: table.parquet === null ? null : name,
    bytes: table.parquet?.bytes ?? 0,
    sha256: table.parquet?.sha256 ?? null,
    rows: table.rows,
    rejects: table.rejects.length,
    isVerified: task.sha256 !== null,
  }
  await advance(work, task, { state: 'landed', landed })
  if (!landed.isVerified) work.emit({ type: 'unverified', key: task.key })
  await discard(work, task)
}

/**
 * The landed table; null where an adopted job turned out to be another's, and
 * the task needs one of its own.
 */
async function believed(
  work: Work,
  task: Task,
  warehouse: Warehouse,
  name: string,
): Promise<LandedTable | null> {
  const parquet = work.file.path(name)
  try {
    const table = await landCsv(warehouse, {
      csv: csvPath(work, task),
      parquet,
      fields: task.fields,
      rows: task.rows,
      limit: work.limit,
    })
    const isOurs = !task.isAdopted || (await fits(warehouse, task, parquet))
    if (isOurs) return table
  } catch (error) {
    const isHeader =
      error instanceof PipelineError && error.code === 'export_header'
    if (!isHeader || !task.isAdopted) throw error
  }
  await rm(parquet, { force: true })
  await failed(work, task, 'file_differs', null)
  return null
}

/** Whether all leads were created in the window that was asked for. */
async function fits(
  warehouse: Warehouse,
  { filter }: Task,
  parquet: string,
): Promise<boolean> {
  if (filter.kind !== 'createdAt') return false
  const { outside } = await warehouse.one<{ outside: number }>(
    `select count(*) as outside from read_parquet(${literal(parquet)})
    where not coalesce(
      try_cast(createdAt as timestamptz)
        between cast($1 as timestamptz) and cast($2 as timestamptz),
      false
    )`,
    [filter.startAt, filter.endAt],
  )
  return outside === 0
}

/** A file that cannot be landed is kept, and the next run exports anew. */
async function setAside(
  work: Work,
  task: Task,
  error: unknown,
): Promise<unknown> {
  const codes = ['too_many_rejects', 'not_csv', 'export_header']
  if (error instanceof PipelineError && codes.includes(error.code)) {
    await keepEvidence(work, task)
    await forget(work, task, 0)
  }
  return error
}

async function refuse(
  work: Work,
  task: Task,
  how: string,
): Promise<PipelineError> {
  const error = fileDiffers(task, how, await keepEvidence(work, task))
  await forget(work, task, 0)
  return error
}

async function keepEvidence(work: Work, task: Task): Promise<string> {
  const csv = csvPath(work, task)
  const evidence = work.file.path(`${task.key}.evidence.csv`)
  const from = (await sizeOf(csv)) === null ? `${csv}.part` : csv
  if ((await sizeOf(from)) !== null) await rename(from, evidence)
  return evidence
}
