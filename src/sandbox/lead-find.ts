import type { Call } from './call.js'
import type { Lead } from './change.js'
import { textOf } from './json.js'
import { ApiError, numberId } from './reply.js'
import type { Field } from './schema.js'
import { isoSeconds, type Value } from './value.js'

/** A field of a lead as a file has it; null when empty. */
export function cellOf(lead: Lead, field: string): Value {
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

/** The same as an answer has it: ids are numbers, and one field is computed. */
export function leadValue(lead: Lead, field: string): unknown {
  if (field === 'id') return numberId(lead.id)
  if (field !== 'sfdcId') return cellOf(lead, field)
  return lead.values['sfdcContactId'] ?? lead.values['sfdcLeadId'] ?? null
}

/** The field of a filter or lookup, if it may be one. */
export function lookupField(call: Pick<Call, 'service'>, name: string): Field {
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
  call: Pick<Call, 'service'>,
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
