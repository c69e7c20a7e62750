import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { asError, badInput } from '../error.js'
import type { LeadSchema } from '../marketo/api.js'
import type { RejectLimit } from '../pipeline/pipeline.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { newId } from './begin.js'
import type { Emit } from './event.js'
import { type Header, readHeader } from './header.js'
import { describe, type Extract } from './landed.js'
import { landCsv } from './landing.js'
import { withWarehouse } from './memory.js'
import { rejectName, writeRejects } from './reject-file.js'
import {
  type ExtractState,
  readStates,
  removeOld,
  StateFile,
  type Task,
} from './state.js'
import { newTask } from './task.js'
import { isoSecond } from './window.js'
import { taskEvent } from './work.js'

export interface LandFilesOptions {
  /** CSV exports that a person downloaded. */
  readonly files: readonly string[]
  /** Columns that must be there, as fieldsToExport gives them. */
  readonly fields: readonly string[]
  readonly schema: LeadSchema
  /** The pipeline's private folder; `landing/` and `temp/` are used. */
  readonly folder: string
  /** Marketo instance that the files come from. */
  readonly instance: string
  /** The files hold every lead, so that a missing one is gone. */
  readonly isWhole: boolean
  /** When they were exported, ISO 8601; null: when they were written. */
  readonly asOf: string | null
  /** Broken rows of one file that may be set aside. */
  readonly limit: RejectLimit
  /** Days that an extract is kept; null: the last three are. */
  readonly keepDays: number | null
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly random: () => number
}

/** Older than any lead: files are not limited by creation time. */
const beforeAll = '2006-01-01T00:00:00Z'

/**
 * Lands exports that a person downloaded, as an extract of their own. Columns
 * go by Marketo's API names or by the names that people see; others are left
 * out. Throws (exit 3) for a file that lacks a needed column.
 */
export async function landFiles(options: LandFilesOptions): Promise<Extract> {
  const { folder, signal, emit } = options
  const landing = join(folder, 'landing')
  const sources = await Promise.all(
    options.files.map((path, index) => readSource(path, index, options)),
  )
  const states = await readStates(landing)
  const last = states.findLast(({ state }) => state.status === 'done')
  const state = newState(options, sources, last?.state)
  const file = new StateFile(join(landing, state.id), state)
  await file.change(() => {})
  const { id, asOf, fields, kind, why } = state
  const count = fields.length
  emit({ type: 'started', extract: id, asOf, fields: count, kind, why })
  await withWarehouse(join(folder, 'temp'), signal, async (warehouse) => {
    for (const source of sources) {
      signal.throwIfAborted()
      await landSource(warehouse, file, source, options)
    }
  })
  await file.change((each) => {
    each.status = 'done'
  })
  await removeOld(landing, { keepDays: options.keepDays, now: options.now })
  return describe(file)
}

interface Source {
  readonly path: string
  readonly task: Task
  /** Marketo's name for each header that it knows. */
  readonly names: ReadonlyMap<string, string>
  readonly modified: number
}

async function readSource(
  path: string,
  index: number,
  { schema, fields }: LandFilesOptions,
): Promise<Source> {
  const { header, modified } = await look(path)
  const names = namesOf(header, schema)
  const has = [...names.values()]
  const missing = fields.filter((field) => !has.includes(field))
  if (missing.length > 0) throw lacks(path, missing)
  const key = `file-${index + 1}`
  const filter = { kind: 'file', key, name: basename(path) } as const
  const task = newTask({ filter, fields: has, lists: [], isLeads: true })
  return { path, task, names, modified }
}

async function look(
  path: string,
): Promise<{ header: Header; modified: number }> {
  try {
    const { mtimeMs } = await stat(path)
    const header = await readHeader(path)
    if (header !== null) return { header, modified: mtimeMs }
  } catch (error) {
    throw badInput(
      'file_unreadable',
      `The file ${path} cannot be read (${asError(error).message}). Name a CSV export of Marketo.`,
    )
  }
  throw badInput(
    'file_empty',
    `The file ${path} is empty, without even a header. Name a CSV export of Marketo.`,
  )
}

function namesOf(header: Header, schema: LeadSchema): Map<string, string> {
  const byDisplay = new Map(
    schema.fields.map(({ name, displayName }) => [displayName, name]),
  )
  const apiNames = new Set(schema.fields.map(({ name }) => name))
  const names = new Map<string, string>()
  for (const title of header.names) {
    const name = apiNames.has(title) ? title : byDisplay.get(title)
    const isTaken = [...names.values()].some((each) => each === name)
    if (name !== undefined && !isTaken) names.set(title, name)
  }
  return names
}

function newState(
  { instance, isWhole, asOf: declared, now, random }: LandFilesOptions,
  sources: readonly Source[],
  last: ExtractState | undefined,
): ExtractState {
  const written = Math.min(now, ...sources.map(({ modified }) => modified))
  const oldest = declared === null ? written : Date.parse(declared)
  if (oldest > now) throw inFuture(declared ?? '')
  const asOf = isoSecond(Math.floor(oldest / 1000))
  const fields = new Set(sources.flatMap(({ task }) => task.fields))
  return {
    version: 1,
    id: newId(isoSecond(Math.floor(now / 1000)), random),
    kind: 'file',
    why: 'files of a person',
    base: null,
    instance,
    fingerprint: 'files',
    fields: [...fields].toSorted(),
    start: isWhole ? beforeAll : null,
    wantedStart: null,
    isWhole,
    asOf,
    changesSince: null,
    changesUntil: last?.changesUntil ?? null,
    cursor: isoSecond(Math.floor(now / 1000) + 1),
    updatesUntil: asOf,
    tasks: sources.map(({ task }) => task),
    hasChanges: false,
    status: 'running',
  }
}

async function landSource(
  warehouse: Warehouse,
  file: StateFile,
  { path, task, names }: Source,
  { emit, limit }: LandFilesOptions,
): Promise<void> {
  const name = `${task.key}.parquet`
  const table = await landCsv(warehouse, {
    csv: path,
    parquet: file.path(name),
    fields: [...names.keys()],
    names,
    rows: null,
    limit,
  })
  await writeRejects(file.path(rejectName(task.key)), table.rejects)
  await file.change(() => {
    task.state = 'landed'
    task.rows = table.rows + table.rejects.length
    task.landed = {
      parquet: table.parquet === null ? null : name,
      bytes: table.parquet?.bytes ?? 0,
      sha256: table.parquet?.sha256 ?? null,
      rows: table.rows,
      rejects: table.rejects.length,
      isVerified: false,
    }
  })
  emit(taskEvent(file, task))
}

function lacks(path: string, missing: readonly string[]): Error {
  const are = missing.length === 1 ? 'the column' : 'the columns'
  return badInput(
    'file_columns',
    `The file ${path} lacks ${are} ${missing.join(', ')}, which the pipeline needs. Export the leads with all of its columns.`,
    { path, missing },
  )
}

function inFuture(asOf: string): Error {
  return badInput(
    'as_of',
    `The files cannot be as of ${asOf}, which is later than Marketo's time now. Say when they were exported.`,
  )
}
