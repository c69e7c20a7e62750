import type { Call, Route } from './call.js'
import { pageOf } from './page.js'
import { ApiError, result, type Reply } from './reply.js'
import type { Field } from './schema.js'

const permission = 'Read-Only Lead'
const schemaPermission = 'Read-Write Schema Standard Field'

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

/** Without `updateable`: the schema endpoints tell other things of a field. */
function schemaField(field: Field): object {
  return {
    displayName: field.displayName,
    name: field.name,
    description: '',
    dataType: field.dataType,
    ...lengthOf(field),
    isHidden: false,
    isHtmlEncodingInEmail: true,
    isSensitive: false,
    isCustom: !field.standard,
    isApiCreated: false,
  }
}

function schemaFields(call: Call): Reply {
  const { fields } = call.service.world.schema
  const { items, extra } = pageOf(call, fields.map(schemaField))
  return result(items, { ...extra, moreResult: 'nextPageToken' in extra })
}

function oneField(call: Call): Reply {
  const name = call.params['name'] ?? ''
  const field = call.service.world.schema.field(name)
  if (field === undefined)
    throw new ApiError('1006', `Field '${name}' not found`)
  return result([schemaField(field)])
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
    path: '/rest/v1/leads/schema/fields.json',
    permission: schemaPermission,
    handler: schemaFields,
  },
  {
    method: 'GET',
    path: '/rest/v1/leads/schema/fields/{name}.json',
    permission: schemaPermission,
    handler: oneField,
  },
  {
    method: 'GET',
    path: '/rest/v1/leads/partitions.json',
    permission,
    handler: partitions,
  },
]
