import { jsonBody, listParameter, type Call } from './call.js'
import { isExportable, type Format } from './csv.js'
import type { ExportFilter } from './export-job.js'
import { isRecord, textOf } from './json.js'
import { ApiError } from './reply.js'
import { parseTime } from './value.js'

export interface ExportRequest {
  readonly fields: readonly string[]
  readonly format: Format
  readonly headers: Readonly<Record<string, string>>
  readonly filter: ExportFilter
}

/** The body of create.json, refused with the code Marketo gives. */
export function exportRequest(call: Call): ExportRequest {
  const body = jsonBody(call)
  return {
    fields: fieldsOf(call, body['fields']),
    format: formatOf(body['format']),
    headers: headersOf(body['columnHeaderNames']),
    filter: filterOf(call, body['filter']),
  }
}

function fieldsOf(call: Call, given: unknown): string[] {
  if (!Array.isArray(given) || given.length === 0) {
    throw new ApiError('1002', "Missing value for required parameter 'fields'")
  }
  const names = given.map(String)
  const unknown = names.filter((name) => {
    const field = call.service.world.schema.field(name)
    return field === undefined || !isExportable(field.dataType)
  })
  if (unknown.length > 0) {
    throw new ApiError('1003', `Invalid fields: ${unknown.join(', ')}`)
  }
  return names
}

function formatOf(given: unknown): Format {
  const format = textOf(given, 'CSV').toUpperCase()
  if (format === 'CSV' || format === 'TSV' || format === 'SSV') return format
  throw new ApiError('1003', `Invalid format '${format}'`)
}

function headersOf(given: unknown): Record<string, string> {
  if (given === undefined || given === null) return {}
  if (typeof given !== 'object') {
    throw new ApiError('1003', 'Invalid columnHeaderNames')
  }
  return Object.fromEntries(
    Object.entries(given).map(([name, header]) => [name, String(header)]),
  )
}

function filterOf(call: Call, given: unknown): ExportFilter {
  const entries = isRecord(given) ? Object.entries(given) : []
  const [first, ...more] = entries
  if (first === undefined || more.length > 0) {
    throw new ApiError('1003', 'Exactly one filter is required')
  }
  const [kind, value] = first
  const { updatedAtFilter, smartListFilter } = call.service.behaviour
  const unsupported = () =>
    new ApiError(
      '1035',
      `Unsupported filter type for target subscription: ${kind}`,
    )
  switch (kind) {
    case 'updatedAt':
      if (!updatedAtFilter) throw unsupported()
      return rangeOf(call, 'updatedAt', value)
    case 'createdAt':
      return rangeOf(call, 'createdAt', value)
    case 'staticListId':
    case 'staticListName':
      return { kind: 'staticList', list: staticList(call, value) }
    case 'smartListId':
    case 'smartListName':
      if (!smartListFilter) throw unsupported()
      return { kind: 'smartList', list: smartList(call, value) }
    default:
      throw new ApiError('1003', `Unknown filter '${kind}'`)
  }
}

function rangeOf(
  call: Call,
  kind: 'createdAt' | 'updatedAt',
  given: unknown,
): ExportFilter {
  const range = isRecord(given) ? given : {}
  const from = second(range['startAt'])
  const to = second(range['endAt'])
  if (from === null || to === null || to < from) {
    throw new ApiError('1003', `Invalid date range in filter '${kind}'`)
  }
  const days = call.service.limits.exportDays
  if (to - from > days * 86_400_000) {
    throw new ApiError('1003', `Date range exceeds ${days} days`)
  }
  return { kind, from, to }
}

function second(given: unknown): number | null {
  const time = typeof given === 'string' ? parseTime(given) : null
  return time === null ? null : Math.floor(time / 1000) * 1000
}

function staticList(call: Call, given: unknown): number {
  for (const list of call.service.world.lists.values()) {
    if (list.id === Number(given) || list.name === given) return list.id
  }
  throw new ApiError('1013', 'Static list not found')
}

function smartList(call: Call, given: unknown): number {
  for (const list of call.service.world.smartLists.values()) {
    if (list.id === Number(given) || list.name === given) return list.id
  }
  throw new ApiError('1013', 'Smart list not found')
}

/** The list endpoint's status filter; both spellings, any case. */
export function statusFilter(call: Call): string[] {
  return listParameter(call, 'status').map((status) =>
    status.toLowerCase().replace('canceled', 'cancelled'),
  )
}
