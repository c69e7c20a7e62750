import {
  checkBatch,
  listParameter,
  parameter,
  type Call,
  type Route,
} from './call.js'
import type { Lead } from './change.js'
import { findLeads, leadValue, lookupField } from './lead-find.js'
import { pageOf } from './page.js'
import { ApiError, result, resultFirst, type Reply } from './reply.js'

const permission = 'Read-Only Lead'

/** What is returned when no fields are asked for (Adobe docs, "Leads"). */
const defaultFields = [
  'id',
  'email',
  'firstName',
  'lastName',
  'createdAt',
  'updatedAt',
]

export function askedFields(call: Call): string[] {
  const asked = listParameter(call, 'fields')
  const names = asked.length === 0 ? defaultFields : asked
  for (const name of names) {
    if (call.service.world.schema.field(name) === undefined) {
      throw new ApiError('1006', `Field '${name}' not found`)
    }
  }
  return [...new Set(['id', ...names])]
}

/** Marketo shows empty fields as null or leaves them out; both occur. */
export function view(
  call: Call,
  leads: readonly Lead[],
  fields: readonly string[],
): Record<string, unknown>[] {
  const { behaviour, random } = call.service
  const omit =
    behaviour.nullFields === 'omitted' ||
    (behaviour.nullFields === 'random' && random.chance(0.5))
  return leads.map((lead) => {
    const entries = fields.map((name) => [name, leadValue(lead, name)] as const)
    const shown = entries.filter(([, value]) => !omit || value !== null)
    return Object.fromEntries(shown)
  })
}

function byId(call: Call): Reply {
  const fields = askedFields(call)
  const id = call.params['id'] ?? ''
  const lead = call.service.world.leads.get(id)
  if (lead !== undefined) return result(view(call, [lead], fields))
  if (call.service.behaviour.unknownLead === 'empty') return result([])
  throw new ApiError('1004', `Lead '${id}' not found`)
}

function byFilter(call: Call): Reply {
  const fields = askedFields(call)
  const type = parameter(call, 'filterType')
  if (type === null) throw missing('filterType')
  const field = lookupField(call, type)
  const values = listParameter(call, 'filterValues')
  if (values.length === 0) throw missing('filterValues')
  checkBatch(call, values.length)
  const found = findLeads(call, field, values)
  const { filterMatches } = call.service.limits
  if (found.length > filterMatches) {
    throw new ApiError('1003', 'Too many results match the filter')
  }
  const page = pageOf(call, found)
  return resultFirst(view(call, page.items, fields), page.extra)
}

function missing(name: string): ApiError {
  return new ApiError('1002', `Missing value for required parameter '${name}'`)
}

export const leadReadRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/rest/v1/lead/{id}.json',
    permission,
    handler: byId,
  },
  {
    method: 'GET',
    path: '/rest/v1/leads.json',
    permission,
    handler: byFilter,
  },
]
