import {
  checkBatch,
  listParameter,
  parameter,
  type Call,
  type Route,
} from './call.js'
import type { Lead } from './change.js'
import { textOf } from './json.js'
import { pageOf } from './page.js'
import { ApiError, numberId, result, resultFirst, type Reply } from './reply.js'
import type { Field } from './schema.js'
import { isoSeconds } from './value.js'

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

/** A field of a lead, the computed ones too; null when empty. */
export function leadValue(lead: Lead, field: string): unknown {
  switch (field) {
    case 'id':
      return numberId(lead.id)
    case 'createdAt':
      return isoSeconds(lead.createdAt)
    case 'updatedAt':
      return isoSeconds(lead.updatedAt)
    case 'leadPartitionId':
      return lead.partition
    case 'sfdcId':
      return lead.values['sfdcContactId'] ?? lead.values['sfdcLeadId'] ?? null
    default:
      return lead.values[field] ?? null
  }
}

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

/** The field of a filter or lookup, if it may be one. */
export function lookupField(call: Call, name: string): Field {
  const { schema } = call.service.world
  const field = schema.field(name)
  if (field === undefined) {
    throw new ApiError('1006', `Lookup field '${name}' not found`)
  }
  if (!schema.isSearchable(field)) {
    throw new ApiError('1011', `Lookup field '${name}' not supported`)
  }
  return field
}

/** Leads with any of the values in the field, each once. */
export function findLeads(
  call: Call,
  field: Field,
  values: readonly string[],
): Lead[] {
  const { world } = call.service
  if (field.name === 'id') {
    return [...new Set(values)].flatMap((id) => world.leads.get(id) ?? [])
  }
  if (field.name === 'email') {
    const found = values.flatMap((value) => world.byEmail(value))
    return [...new Map(found.map((lead) => [lead.id, lead])).values()]
  }
  const wanted = new Set(values.map((value) => value.toLowerCase()))
  return [...world.leads.values()].filter((lead) => {
    const value = leadValue(lead, field.name)
    return value !== null && wanted.has(textOf(value).toLowerCase())
  })
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
