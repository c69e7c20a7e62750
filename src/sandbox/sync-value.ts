import type { Call } from './call.js'
import { ApiError } from './reply.js'
import type { Field } from './schema.js'
import { valueOfJson, type Value } from './value.js'

/** Fields of the company record that shows through (Adobe docs). */
export const companyFields = new Set(
  [
    'company website industry annualRevenue numberOfEmployees mainPhone',
    'sicCode site billingStreet billingCity billingState billingCountry',
    'billingPostalCode',
  ].flatMap((names) => names.split(' ')),
)

/**
 * What a record of a sync call writes, field by field. Throws ApiError with
 * the code of the first thing that is wrong; the record is then skipped.
 */
export function valuesOf(
  call: Pick<Call, 'service'>,
  lookup: Field,
  record: Record<string, unknown>,
): Map<Field, Value> {
  const { schema } = call.service.world
  const { behaviour } = call.service
  const values = new Map<Field, Value>()
  for (const [name, raw] of Object.entries(record)) {
    if (name === 'id' && lookup.name === 'id') continue
    const field = schema.field(name)
    if (field === undefined) {
      if (behaviour.unknownField === 'ignore') continue
      throw new ApiError('1006', `Field '${name}' not found`)
    }
    if (!field.updateable) {
      if (behaviour.readOnlyField === 'ignore') continue
      throw new ApiError('1003', `Field '${name}' is read-only`)
    }
    if (behaviour.companyField === 'refuse' && companyFields.has(name)) {
      throw new ApiError('1021', `Company field '${name}' is not allowed`)
    }
    values.set(field, checkedValue(call, field, raw))
  }
  return values
}

function checkedValue(
  call: Pick<Call, 'service'>,
  field: Field,
  raw: unknown,
): Value {
  const converted = valueOfJson(field.dataType, raw)
  if (!converted.ok) {
    throw new ApiError(
      '1001',
      `Value of field '${field.name}' ${converted.why}`,
    )
  }
  const { value } = converted
  if (typeof value !== 'string') return value
  // Adobe docs, "Leads": e-mail addresses must be ASCII.
  if (field.name === 'email' && /[^\0-\x7f]/.test(value)) {
    throw new ApiError('1003', "Value of field 'email' is not ASCII")
  }
  if (field.length === null || lengthOf(field, value) <= field.length) {
    return value
  }
  if (call.service.behaviour.tooLong === 'truncate') {
    return value.slice(0, field.length)
  }
  throw new ApiError(
    '1003',
    `Value of field '${field.name}' exceeds its length ${field.length}`,
  )
}

function lengthOf(field: Field, value: string): number {
  return field.dataType === 'text' ? Buffer.byteLength(value) : value.length
}
