import type { FieldValue } from '../marketo/api.js'
import type { Text } from './plan.js'

const numeric = new Set([
  'integer',
  'float',
  'currency',
  'percent',
  'score',
  'reference',
])

/**
 * A value of the API as text that is equal whenever Marketo means the same.
 * Empty is null: null itself and the empty text. Unknown types are text.
 */
export function recordText(
  value: FieldValue | undefined,
  dataType: string,
): Text {
  if (value === null || value === undefined || value === '') return null
  const text = String(value)
  if (dataType === 'boolean') return booleanText(text)
  if (numeric.has(dataType)) return numberText(text)
  if (dataType === 'datetime') return dateTimeText(text)
  if (dataType === 'date') return dateText(text)
  return text
}

/**
 * The same for values that are compared with an export or a model, where the
 * bare word `null` is empty too: an export writes it for an empty cell and for
 * the text alike (Adobe docs, bulk extract).
 */
export function canonicalText(
  value: FieldValue | undefined,
  dataType: string,
): Text {
  return value === 'null' ? null : recordText(value, dataType)
}

/** The JSON value to send for a canonical text. */
export function toWire(text: Text, dataType: string): FieldValue {
  if (text === null) return null
  if (dataType === 'boolean') {
    return text === 'true' ? true : text === 'false' ? false : text
  }
  if (!numeric.has(dataType)) return text
  const number = Number(text)
  return numberText(String(number)) === text ? number : text
}

function booleanText(text: string): string {
  const word = text.toLowerCase()
  if (word === 'true' || word === '1') return 'true'
  if (word === 'false' || word === '0') return 'false'
  return text
}

/** Digit by digit: a double would change what it cannot hold. */
function numberText(text: string): string {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(
    text.trim(),
  )
  if (match === null) return text
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  if (whole + fraction === '') return text
  const point = whole.length + Number(exponent)
  const digits = whole + fraction
  const padded =
    point <= 0
      ? digits.padStart(digits.length - point, '0')
      : digits.padEnd(point, '0')
  const cut = Math.max(point, 0)
  const left = padded.slice(0, cut).replace(/^0+/, '') || '0'
  const right = padded.slice(cut).replace(/0+$/, '')
  const plain = right === '' ? left : `${left}.${right}`
  return sign === '-' && plain !== '0' ? `-${plain}` : plain
}

const dateTime =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|([+-]\d{2}):?(\d{2})?)?$/

/** Seconds in UTC; a text that is no real time stays as it is. */
function dateTimeText(text: string): string {
  const match = dateTime.exec(text)
  if (match === null) return text
  const [, day = '', time = '', hours, minutes = '00'] = match
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes}`
  const instant = new Date(`${day}T${time}${zone}`)
  if (Number.isNaN(instant.getTime()) || !isRealDay(day)) return text
  return `${instant.toISOString().slice(0, 19)}Z`
}

function dateText(text: string): string {
  const day = /^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$/.exec(text)?.[1]
  return day !== undefined && isRealDay(day) ? day : text
}

/** JavaScript takes 30 February for 2 March. */
function isRealDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`)
  return (
    !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === day
  )
}
