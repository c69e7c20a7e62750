import { createHash } from 'node:crypto'
import type { Lead } from './change.js'
import { RowWriter } from './csv.js'
import type { ExportFilter, ExportRecord } from './export-job.js'
import { Random } from './random.js'
import type { Service } from './service.js'
import { isoSeconds, type Value } from './value.js'

export interface ExportFile {
  readonly bytes: Buffer
  readonly rows: number
  readonly sha256: string
}

/** Leads in a job's filter as they are now, in an order of the job's own. */
export function selectLeads(service: Service, job: ExportRecord): Lead[] {
  const { world } = service
  const { filter } = job
  const found: Lead[] = []
  if (filter.kind === 'staticList') {
    for (const id of world.lists.get(filter.list)?.members.keys() ?? []) {
      const lead = world.leads.get(id)
      if (lead !== undefined) found.push(lead)
    }
  } else {
    const isIn = test(service, filter)
    for (const lead of world.leads.values()) if (isIn(lead)) found.push(lead)
  }
  return new Random(service.seed + job.n).shuffle(found)
}

function test(service: Service, filter: ExportFilter): (lead: Lead) => boolean {
  if ('list' in filter) {
    const list = service.smartLists.find(({ id }) => id === filter.list)
    if (list === undefined) return () => false
    return (lead) => (lead.values[list.field] ?? null) === list.equals
  }
  const { from, to } = filter
  // Both ends are inclusive, by whole seconds.
  return (lead) => {
    const time =
      filter.kind === 'createdAt' ? lead.createdAt : lead.fieldUpdatedAt
    const second = Math.floor(time / 1000) * 1000
    return second >= from && second <= to
  }
}

export function renderExport(service: Service, job: ExportRecord): ExportFile {
  const { quoteNullText, emptyExport } = service.behaviour
  const writer = new RowWriter(job.format, quoteNullText)
  const leads = selectLeads(service, job)
  const hash = createHash('sha256')
  const chunks: Buffer[] = []
  const header = writer.row(job.fields.map((name) => job.headers[name] ?? name))
  let rows = leads.length > 0 || emptyExport === 'header' ? [header] : []
  const flush = () => {
    const chunk = Buffer.from(rows.join(''))
    hash.update(chunk)
    chunks.push(chunk)
    rows = []
  }
  leads.forEach((lead, index) => {
    const row = writer.row(job.fields.map((name) => exportValue(lead, name)))
    rows.push(index === 0 ? soiled(row, job.dirt) : row)
    if (rows.length >= 2000) flush()
  })
  flush()
  const bytes = Buffer.concat(chunks)
  const told = leads.length + (job.dirt === 'row-count' ? 1 : 0)
  return { bytes, rows: told, sha256: hash.digest('hex') }
}

/** The first row of a file that a fault makes dirty. */
function soiled(row: string, dirt: ExportRecord['dirt']): string {
  if (dirt === 'duplicate-row') return row + row
  if (dirt === 'missing-column') return row.replace(/,[^,]*\n$/, '\n')
  return dirt === 'bare-quote' ? row.replace(/,[^,]*\n$/, ',"a "b" c"\n') : row
}

function exportValue(lead: Lead, field: string): Value {
  switch (field) {
    case 'id':
      return lead.id
    case 'createdAt':
      return isoSeconds(lead.createdAt)
    case 'updatedAt':
      return isoSeconds(lead.updatedAt)
    case 'leadPartitionId':
      return lead.partition
    default:
      return lead.values[field] ?? null
  }
}
