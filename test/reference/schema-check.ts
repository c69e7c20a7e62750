/** Says where a value differs from a schema of the definitions. */
import { isObject, type Operation, type Schema } from './swagger.js'

type Definitions = Operation['definitions']

/** One line for each difference: `result[].folder.id: is no integer`. */
export function differences(
  value: unknown,
  schema: Schema,
  definitions: Definitions,
  at = '',
): string[] {
  const meant = resolve(schema, definitions)
  const wrong = wrongType(value, meant)
  if (wrong !== null) return [`${at}: ${wrong}`]
  if (meant.enum !== undefined && !meant.enum.includes(value)) {
    return [`${at}: ${JSON.stringify(value)} is none of the values`]
  }
  if (Array.isArray(value)) {
    const items: unknown[] = value
    return items.flatMap((item) =>
      differences(item, meant.items ?? {}, definitions, `${at}[]`),
    )
  }
  return isObject(value) ? ofObject(value, meant, definitions, at) : []
}

function resolve(schema: Schema, definitions: Definitions): Schema {
  const name = schema.$ref?.replace('#/definitions/', '')
  if (name === undefined) return schema
  const found = definitions[name]
  if (found === undefined) throw new Error(`No definition ${name}`)
  return resolve(found, definitions)
}

function ofObject(
  value: Readonly<Record<string, unknown>>,
  { required = [], properties }: Schema,
  definitions: Definitions,
  at: string,
): string[] {
  const prefix = at === '' ? '' : `${at}.`
  const missing = required
    .filter((name) => !Object.hasOwn(value, name))
    .map((name) => `${prefix}${name}: is missing`)
  // A schema without properties says nothing of them.
  if (properties === undefined) return missing
  const inside = Object.entries(value).flatMap(([name, item]) => {
    const schema = properties[name]
    return schema === undefined
      ? [`${prefix}${name}: is not declared`]
      : differences(item, schema, definitions, `${prefix}${name}`)
  })
  return [...missing, ...inside]
}

const dateTime =
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/

function wrongType(value: unknown, schema: Schema): string | null {
  switch (schema.type) {
    case 'string':
      if (typeof value !== 'string') return 'is no text'
      if (schema.format !== 'date-time' || dateTime.test(value)) return null
      return 'is no date-time'
    case 'integer':
      if (!Number.isSafeInteger(value)) return 'is no integer'
      if (schema.format !== 'int32') return null
      return Math.abs(Number(value)) < 2 ** 31 ? null : 'is no int32'
    case 'boolean':
      return typeof value === 'boolean' ? null : 'is no boolean'
    case 'array':
      return Array.isArray(value) ? null : 'is no array'
    case 'object':
      return isObject(value) ? null : 'is no object'
    case undefined:
      return null
    default:
      return `has the type ${schema.type}, which this check does not know`
  }
}

/** A parameter as it stands in a path or a query: always a text. */
export function wrongParameter(text: string, schema: Schema): string | null {
  switch (schema.type) {
    case 'integer':
      return /^-?\d+$/.test(text) ? null : 'is no integer'
    case 'boolean':
      return /^(?:true|false)$/.test(text) ? null : 'is no boolean'
    case 'array': {
      const { items = {} } = schema
      const wrong = text.split(',').map((item) => wrongParameter(item, items))
      return wrong.find((why) => why !== null) ?? null
    }
    case undefined:
    case 'string':
      if (schema.enum === undefined || schema.enum.includes(text)) return null
      return 'is none of the values'
    default:
      return `has the type ${schema.type}, which this check does not know`
  }
}
