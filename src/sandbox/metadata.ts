import type { Call, Route } from './call.js'
import { result, type Reply } from './reply.js'
import type { Field } from './schema.js'

const permission = 'Read-Only Lead'

function describe(call: Call): Reply {
  const records = call.service.world.schema.fields.map((field) => {
    const readOnly = !field.updateable
    return {
      id: field.id,
      displayName: field.displayName,
      dataType: field.dataType,
      ...lengthOf(field),
      rest: { name: field.name, readOnly },
      soap: { name: field.name, readOnly },
    }
  })
  return result(records)
}

function describe2(call: Call): Reply {
  const { schema } = call.service.world
  const fields = schema.fields.map((field) => ({
    name: field.name,
    displayName: field.displayName,
    dataType: field.dataType,
    ...lengthOf(field),
    updateable: field.updateable,
    crmManaged: field.crmManaged,
  }))
  const searchableFields = schema.searchable().map((name) => [name])
  return result([{ name: 'API Lead', searchableFields, fields }])
}

function lengthOf(field: Field): { length?: number } {
  return field.length === null ? {} : { length: field.length }
}

function partitions(call: Call): Reply {
  const found = [...call.service.world.partitions]
  return result(found.map(([id, name]) => ({ id, name })))
}

export const metadataRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/rest/v1/leads/describe.json',
    permission,
    handler: describe,
  },
  {
    method: 'GET',
    path: '/rest/v1/leads/describe2.json',
    permission,
    handler: describe2,
  },
  {
    method: 'GET',
    path: '/rest/v1/leads/partitions.json',
    permission,
    handler: partitions,
  },
]
