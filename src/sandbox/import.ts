import { commitWrite, parameter, type Call, type Route } from './call.js'
import { RowWriter } from './csv.js'
import type { Fault } from './fault.js'
import { ofBuffer } from './export-contents.js'
import { formOf } from './import-file.js'
import {
  type ImportFate,
  type ImportRecord,
  importStatus,
  isUnderWay,
  type RowNote,
} from './import-job.js'
import {
  importFile,
  importsUnderWay,
  tableIn,
  tableOf,
} from './import-queue.js'
import { lookupField } from './lead-find.js'
import { ApiError, result, type Reply } from './reply.js'

const day = 86_400_000
const endpoint = 'leads/import'

function submit(call: Call): Reply {
  const { service } = call
  const form = formOf(call)
  const text = form.get('file')
  if (text === undefined) throw missing('file')
  const job: ImportRecord = { ...requestOf(call, form), ...newImport(call) }
  const rows = tableIn(text, job.format).rows.length
  if (rows === 0) throw new ApiError('1003', 'Empty File')
  checkQueue(call, job)
  service.shelf.put(importFile(job), ofBuffer(Buffer.from(text)))
  const { batchId, lookup, list } = job
  commitWrite(call, endpoint, [{ kind: 'import', job: { ...job, rows } }], {
    request: { batchId, lookupField: lookup, list, rows },
  })
  const importId = String(batchId)
  return result([{ batchId, importId, status: 'Queued' }])
}

type Asked = Pick<ImportRecord, 'format' | 'lookup' | 'list' | 'partition'>

/** Parameters count in the query and, as clients have it, in the form. */
function requestOf(call: Call, form: ReadonlyMap<string, string>): Asked {
  const asked = (name: string) =>
    parameter(call, name) ?? (form.get(name) || null)
  const format = asked('format')
  if (format === null) throw missing('format')
  if (format !== 'csv' && format !== 'tsv' && format !== 'ssv') {
    throw new ApiError('1001', `Invalid value '${format}' for 'format'`)
  }
  const lookup = lookupField(call, asked('lookupField') ?? 'email').name
  const list = asked('listId')
  if (list !== null && !call.service.world.lists.has(Number(list))) {
    throw new ApiError('1013', `List '${list}' not found`)
  }
  return {
    format,
    lookup,
    list: list === null ? null : Number(list),
    partition: partitionOf(call, asked('partitionName')),
  }
}

function partitionOf(call: Call, name: string | null): number | null {
  if (name === null) return null
  for (const [id, known] of call.service.world.partitions) {
    if (known === name) return id
  }
  throw new ApiError('1010', 'The lead partition does not exist')
}

function newImport({ service, client, fault, n }: Call) {
  return {
    batchId: 3000 + service.world.imports.size + 1,
    user: client.user,
    queuedAt: service.now(),
    startedAt: null,
    endsAt: null,
    rows: 0,
    done: 0,
    failures: [],
    warnings: [],
    failure: null,
    n,
    fate: fateOf(fault),
  }
}

function fateOf(fault: Fault | null): ImportFate {
  if (fault?.kind === 'import-failed') {
    return { failsAfter: fault.rows ?? 0, ...reasonOf(fault) }
  }
  if (fault?.kind === 'import-stuck') {
    const { state: stuckIn = 'Importing', seconds } = fault
    return { stuckIn, ...(seconds === undefined ? {} : { seconds }) }
  }
  if (fault?.kind === 'import-rows-failed') {
    return { failEvery: fault.every ?? 1, ...reasonOf(fault) }
  }
  if (fault?.kind === 'import-rows-warned') {
    return { warnEvery: fault.every ?? 1, ...reasonOf(fault) }
  }
  return {}
}

function reasonOf({ reason }: { readonly reason?: string }) {
  return reason === undefined ? {} : { reason }
}

function checkQueue({ service }: Call, { list }: ImportRecord): void {
  const { importsQueued } = service.limits
  if (importsUnderWay(service) >= importsQueued) {
    const message = `There are ${importsQueued} imports currently being processed. Please try again later`
    throw new ApiError('1016', message)
  }
  const now = service.now()
  const isBusy = [...service.world.imports.values()].some(
    (job) => list !== null && job.list === list && isUnderWay(job, now),
  )
  if (isBusy) throw new ApiError('1019', 'Import in progress for this list')
}

function missing(name: string): ApiError {
  return new ApiError('1002', `Missing value for required parameter '${name}'`)
}

function importOf(call: Call): ImportRecord {
  const { service } = call
  const job = service.world.imports.get(Number(call.params['id']))
  const since = service.now() - service.behaviour.importDays * day
  if (job === undefined || (job.endsAt ?? job.queuedAt) < since) {
    throw new ApiError('1013', 'Import job not found')
  }
  return job
}

/** Processed rows are those that went well, as in Adobe's example. */
function status(call: Call): Reply {
  const job = importOf(call)
  const { batchId, done, failures, warnings } = job
  const state = importStatus(job, call.service.now())
  const imported = done - failures.length
  const facts = {
    batchId,
    importId: String(batchId),
    status: state,
    numOfLeadsProcessed: imported,
    numOfRowsFailed: failures.length,
    numOfRowsWithWarning: warnings.length,
  }
  const message =
    state === 'Failed' ? job.failure : endMessage(imported, failures.length)
  const isOver = state === 'Complete' || state === 'Failed'
  return result([{ ...facts, ...(isOver ? { message } : {}) }])
}

function endMessage(imported: number, failed: number): string {
  const counts = `${imported} records imported (${imported} members)`
  return failed === 0
    ? `Import succeeded, ${counts}`
    : `Import completed with errors, ${counts}, ${failed} failed`
}

function notes(
  call: Call,
  column: string,
  pick: (job: ImportRecord) => readonly RowNote[],
): Reply {
  const { service } = call
  const job = importOf(call)
  if (isUnderWay(job, service.now())) {
    throw new ApiError('1003', 'Import has not been completed')
  }
  const { header, rows } = tableOf(service, job)
  const lookup = header.indexOf(job.lookup)
  const format = { csv: 'CSV', tsv: 'TSV', ssv: 'SSV' } as const
  const writer = new RowWriter(format[job.format])
  const lines = pick(job).map(({ row, reason }) => {
    const cells = rows[row] ?? []
    return writer.row([...echoed(call, cells, lookup), reason])
  })
  const text = [writer.row([...header, column]), ...lines].join('')
  const type = 'text/csv;charset=UTF-8'
  return { kind: 'text', status: 200, type, text }
}

/**
 * A row as the file of failures has it. Where its lookup cell is empty, that
 * cell is missing and the rest stands a column too far left (TEK-ROW).
 */
function echoed(
  { service }: Call,
  cells: readonly string[],
  lookup: number,
): readonly string[] {
  const isLost = service.behaviour.importMisaligned && cells[lookup] === ''
  return isLost ? cells.filter((_, n) => n !== lookup) : cells
}

const permission = 'Read-Write Lead'
const base = '/bulk/v1/leads'

export const importRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: `${base}.json`,
    permission,
    write: endpoint,
    handler: submit,
  },
  {
    method: 'GET',
    path: `${base}/batch/{id}.json`,
    permission,
    handler: status,
  },
  {
    method: 'GET',
    path: `${base}/batch/{id}/failures.json`,
    permission,
    handler: (call) =>
      notes(call, 'Import Failure Reason', (job) => job.failures),
  },
  {
    method: 'GET',
    path: `${base}/batch/{id}/warnings.json`,
    permission,
    handler: (call) =>
      notes(call, 'Import Warning Reason', (job) => job.warnings),
  },
]
