import type { RowWriter } from './csv.js'
import type { ExportFilter } from './export-job.js'
import type { Service } from './service.js'
import { isoSeconds } from './value.js'
import type { VirtualBase } from './virtual-base.js'

type Cell = (index: number) => string

/** Indexes among which those of a filter are: from, and to before. */
export function virtualRange(
  base: VirtualBase,
  filter: ExportFilter,
): [number, number] {
  if ('list' in filter) return [0, base.count]
  // Nobody is changed before being created.
  const to = base.firstSince(filter.to + 1000)
  if (filter.kind === 'updatedAt') return [0, to]
  return [Math.min(to, base.firstSince(filter.from)), to]
}

/** Whether an index of the range is in the filter, now and ever after. */
export function virtualFilter(
  service: Service,
  base: VirtualBase,
  filter: ExportFilter,
): (index: number) => boolean {
  const hidden = service.world.leads.hidden()
  const isKept = (index: number) =>
    hidden.size === 0 || !hidden.has(base.id(index))
  if (filter.kind === 'createdAt') return isKept
  if (!('list' in filter)) {
    const { from, to } = filter
    return (index) => {
      const at = base.fieldUpdatedAt(index)
      return at >= from && at <= to && isKept(index)
    }
  }
  const list = service.world.smartLists.get(filter.list)
  if (list === undefined) return () => false
  const { field, equals } = list
  return (index) => base.people.value(index, field) === equals && isKept(index)
}

export function virtualCells(
  base: VirtualBase,
  fields: readonly string[],
  writer: RowWriter,
): Cell[] {
  return fields.map((field): Cell => {
    switch (field) {
      case 'id':
        return (index) => base.id(index)
      case 'createdAt':
        return (index) => isoQuick(base.createdAt(index))
      case 'updatedAt':
        return (index) => isoQuick(base.updatedAt(index))
      case 'leadPartitionId':
        return () => '1'
      default:
        return base.people.cells(field, writer)
    }
  })
}

const days = new Map<number, string>()
const seconds: string[] = []

/** As `isoSeconds`, ten times faster for times near one another. */
function isoQuick(milliseconds: number): string {
  const day = Math.floor(milliseconds / 86_400_000)
  const second = Math.floor((milliseconds - day * 86_400_000) / 1000)
  const date = days.get(day) ?? isoSeconds(milliseconds).slice(0, 11)
  if (days.size > 100_000) days.clear()
  days.set(day, date)
  const time = seconds[second] ?? isoSeconds(milliseconds).slice(11)
  seconds[second] = time
  return date + time
}
