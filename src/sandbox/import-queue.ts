import type { Change, WriteCall } from './change.js'
import { cellsOf, delimiters } from './import-file.js'
import {
  chunkRows,
  type ImportRecord,
  importStatus,
  nextChunkAt,
  nextImport,
  type RowNote,
} from './import-job.js'
import { importRow } from './import-row.js'
import { lookupField } from './lead-find.js'
import { ApiError } from './reply.js'
import type { Service } from './service.js'
import { Stage } from './stage.js'

/**
 * Starts every import whose turn has come and writes the rows that are due,
 * chunk by chunk in the order of their times.
 */
export function advanceImports(service: Service, until: number): void {
  const { limits, timing, world } = service
  if (world.imports.size === 0) return
  for (;;) {
    const jobs = [...world.imports.values()]
    const start = nextImport(jobs, limits.importsRunning, timing.importPickup)
    const chunk = firstChunk(jobs)
    const startsFirst = start !== null && start.at <= (chunk?.at ?? Infinity)
    if (startsFirst) {
      if (start.at > until) return
      startImport(service, start.job, start.at)
    } else {
      if (chunk === null || chunk.at > until) return
      writeChunk(service, chunk.job, chunk.at)
    }
  }
}

function firstChunk(
  jobs: readonly ImportRecord[],
): { job: ImportRecord; at: number } | null {
  let first: { job: ImportRecord; at: number } | null = null
  for (const job of jobs) {
    const at = nextChunkAt(job)
    if (at !== null && (first === null || at < first.at)) first = { job, at }
  }
  return first
}

function startImport(service: Service, job: ImportRecord, at: number): void {
  const { importBase, importPer1000Rows } = service.timing
  const { fate } = job
  const held = fate.stuckIn === 'Importing'
  const extra = held ? (fate.seconds ?? 0) * 1000 : 0
  const length = importBase + (job.rows / 1000) * importPer1000Rows + extra
  const isEndless = held && fate.seconds === undefined
  const started: ImportRecord = {
    ...job,
    startedAt: at,
    endsAt: isEndless ? null : at + Math.ceil(length),
    failure: failureOf(service, job),
  }
  service.commit([{ kind: 'import', job: started }])
}

/** Why the whole import will fail, or null. */
function failureOf(service: Service, job: ImportRecord): string | null {
  if (job.fate.failsAfter !== undefined) {
    return job.fate.reason ?? 'Import failed'
  }
  const { schema } = service.world
  const unknown = tableOf(service, job).header.find(
    (name) => schema.field(name) === undefined,
  )
  const isLenient = service.behaviour.importUnknownColumn === 'ignore'
  return unknown === undefined || isLenient
    ? null
    : `Import failed, column '${unknown}' is not a field`
}

export interface ImportTable {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const tables = new WeakMap<Service, Map<number, ImportTable>>()

/** The file of an import; kept at hand until the import is over. */
export function tableOf(service: Service, job: ImportRecord): ImportTable {
  const known = tables.get(service) ?? new Map<number, ImportTable>()
  tables.set(service, known)
  const found = known.get(job.batchId)
  if (found !== undefined) return found
  const name = importFile(job)
  const size = service.shelf.size(name) ?? 0
  const text = service.shelf.read(name, 0, size).toString()
  const table = tableIn(text, job.format)
  known.set(job.batchId, table)
  return table
}

export function tableIn(
  text: string,
  format: ImportRecord['format'],
): ImportTable {
  const [header = [], ...rows] = cellsOf(text, delimiters[format])
  return { header, rows }
}

export function importFile({ batchId }: ImportRecord): string {
  return `import-${batchId}.csv`
}

interface Chunk {
  readonly stage: Stage
  readonly failures: RowNote[]
  readonly warnings: RowNote[]
  readonly records: Readonly<Record<string, unknown>>[]
  readonly joins: Change[]
}

/** Each row sees the ones before it, so of two for a lead the later holds. */
function writeChunk(service: Service, job: ImportRecord, at: number): void {
  const chunk: Chunk = {
    stage: new Stage({ service }),
    failures: [],
    warnings: [],
    records: [],
    joins: [],
  }
  const limit = job.failure === null ? job.rows : (job.fate.failsAfter ?? 0)
  const to = Math.min(job.done + chunkRows, limit)
  for (let row = job.done; row < to; row++) {
    try {
      writeRow(service, job, { row, at, chunk })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      chunk.failures.push({ row, reason: error.message })
    }
  }
  const next: ImportRecord = {
    ...job,
    done: to,
    failures: [...job.failures, ...chunk.failures],
    warnings: [...job.warnings, ...chunk.warnings],
  }
  service.commit([
    ...chunk.stage.changes,
    ...chunk.joins,
    { kind: 'import', job: next },
    ...logged(service, next, at, chunk.records),
  ])
  if (nextChunkAt(next) === null) tables.get(service)?.delete(job.batchId)
}

function writeRow(
  service: Service,
  job: ImportRecord,
  { row, at, chunk }: { row: number; at: number; chunk: Chunk },
): void {
  const { schema } = service.world
  const { header, rows } = tableOf(service, job)
  const cells = rows[row] ?? []
  refuseRow(job, row, header, cells)
  const lookup = lookupField({ service }, job.lookup)
  const named = header.map((name, n) => [name, cells[n] ?? ''] as const)
  const known = named.filter(([name]) => schema.field(name) !== undefined)
  const { partition, list, fate } = job
  const target = { service, stage: chunk.stage, at, lookup, partition }
  const { id, status, changes, fields } = importRow(target, new Map(known))
  chunk.stage.take(changes)
  chunk.records.push({ id, status, fields })
  if (list !== null && id !== null) {
    chunk.joins.push({ kind: 'join', list, lead: id, at })
  }
  if (isHit(fate.warnEvery, row)) {
    chunk.warnings.push({ row, reason: fate.reason ?? 'Warning' })
  }
}

function refuseRow(
  { fate }: ImportRecord,
  row: number,
  header: readonly string[],
  cells: readonly string[],
): void {
  if (cells.length !== header.length) {
    throw new ApiError('1003', 'Row has another number of columns')
  }
  if (!isHit(fate.failEvery, row)) return
  throw new ApiError('1003', fate.reason ?? 'Row could not be imported')
}

function isHit(every: number | undefined, row: number): boolean {
  return every !== undefined && row % every === every - 1
}

/** The call in the write log with the rows that have taken effect so far. */
function logged(
  { world }: Service,
  { n }: ImportRecord,
  at: number,
  records: readonly Readonly<Record<string, unknown>>[],
): Change[] {
  const write: WriteCall | undefined = world.writes.get(n)
  if (write === undefined) return []
  const all = [...(write.records ?? []), ...records]
  return [{ kind: 'write', write: { ...write, appliedAt: at, records: all } }]
}

/** Imports that hold a place in the queue now, of all users. */
export function importsUnderWay(service: Service): number {
  const now = service.now()
  const { noise, importsQueued } = service.limits
  let count = Math.floor(noise * importsQueued)
  for (const job of service.world.imports.values()) {
    const status = importStatus(job, now)
    if (status === 'Queued' || status === 'Importing') count += 1
  }
  return count
}
