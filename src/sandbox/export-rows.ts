import type { Lead } from './change.js'
import type { RowWriter } from './csv.js'
import type { ExportFilter, ExportRecord } from './export-job.js'
import { cellOf } from './lead-find.js'
import { Random } from './random.js'
import type { Service } from './service.js'
import type { VirtualBase } from './virtual-base.js'
import { virtualCells, virtualFilter, virtualRange } from './virtual-rows.js'

/** The rows of a file in blocks, so that none needs all of them at once. */
export interface Blocks {
  readonly count: number
  /** Cells as they are written, row by row. */
  rows(block: number): string[][]
  /** Rows are made anew whenever they are asked for. */
  readonly again: boolean
}

const blockSize = 2000

/** Leads in a job's filter as they are now, in an order of the job's own. */
export function blocksOf(
  service: Service,
  job: ExportRecord,
  fields: readonly string[],
  writer: RowWriter,
): Blocks {
  const { base } = service.world.leads
  const random = new Random(service.seed + job.n)
  const kept = leadBlocks(
    random.shuffle(selectLeads(service, job.filter)),
    fields,
    writer,
  )
  if (base === null || job.filter.kind === 'staticList') return kept
  const more = baseBlocks(service, base, job, fields, writer)
  return {
    count: more.count + kept.count,
    again: true,
    rows: (block) =>
      block < more.count ? more.rows(block) : kept.rows(block - more.count),
  }
}

/** Of leads that are kept one by one; all, where there is no virtual base. */
function selectLeads(service: Service, filter: ExportFilter): Lead[] {
  const { world } = service
  if (filter.kind === 'staticList') {
    const members = world.lists.get(filter.list)?.members.keys() ?? []
    return [...members].flatMap((id) => world.leads.get(id) ?? [])
  }
  const isIn = test(service, filter)
  const found: Lead[] = []
  for (const lead of world.leads.own()) if (isIn(lead)) found.push(lead)
  return found
}

function test(service: Service, filter: ExportFilter): (lead: Lead) => boolean {
  if ('list' in filter) {
    const list = service.world.smartLists.get(filter.list)
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

function leadBlocks(
  leads: readonly Lead[],
  fields: readonly string[],
  writer: RowWriter,
): Blocks {
  return {
    count: Math.ceil(leads.length / blockSize),
    again: false,
    rows: (block) =>
      leads
        .slice(block * blockSize, (block + 1) * blockSize)
        .map((lead) => fields.map((name) => writer.cell(cellOf(lead, name)))),
  }
}

/** Blocks in an order of the job's own; a block's rows are shuffled too. */
function baseBlocks(
  service: Service,
  base: VirtualBase,
  job: ExportRecord,
  fields: readonly string[],
  writer: RowWriter,
): Blocks {
  const [from, to] = virtualRange(base, job.filter)
  const isIn = virtualFilter(service, base, job.filter)
  const cells = virtualCells(base, fields, writer)
  const order = new Random(service.seed + job.n).shuffle([
    ...Array(Math.ceil((to - from) / blockSize)).keys(),
  ])
  return {
    count: order.length,
    again: true,
    rows: (block) => {
      const first = from + (order[block] ?? 0) * blockSize
      const size = Math.min(blockSize, to - first)
      const rows: string[][] = []
      // A step that shares no factor with the size visits each row once.
      const stride = size % 1009 === 0 ? 1 : 1009
      for (let i = 0, at = 0; i < size; i++, at = (at + stride) % size) {
        const index = first + at
        if (isIn(index)) rows.push(cells.map((cell) => cell(index)))
      }
      return rows
    },
  }
}
