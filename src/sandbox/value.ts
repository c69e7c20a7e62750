import { textOf } from './json.js'

/** What a lead field can hold; null is the only empty value. */
export type Value = string | number | boolean | null

export type Values = Readonly<Record<string, Value>>

export type DataType =
  | 'string'
  | 'text'
  | 'email'
  | 'phone'
  | 'url'
  | 'integer'
  | 'score'
  | 'float'
  | 'currency'
  | 'percent'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'reference'
  | 'lead_function'

const numeric = new Set<DataType>([
  'integer',
  'score',
  'float',
  'currency',
  'percent',
  'reference',
])

/** `2026-11-21T10:00:00Z`: UTC, seconds, no fraction (Adobe docs). */
export function isoSeconds(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}

/** Milliseconds of a time as Marketo writes it; null when it is none. */
export function parseTime(text: string): number | null {
  const pattern =
    /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?$/
  if (!pattern.test(text)) return null
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10))
    ? text
    : `${text}Z`
  const time = Date.parse(text.length === 10 ? text : zoned.replace(' ', 'T'))
  return Number.isNaN(time) ? null : time
}

/** A cell of an export-shaped CSV as a typed value; dirt stays text. */
export function valueOfCell(type: DataType, cell: string): Value {
  if (cell === '' || cell === 'null') return null
  if (type === 'boolean') {
    if (/^(?:true|1)$/i.test(cell)) return true
    if (/^(?:false|0)$/i.test(cell)) return false
    return cell
  }
  if (numeric.has(type)) return numberOr(cell, cell)
  if (type === 'datetime') {
    const time = parseTime(cell)
    return time === null ? cell : isoSeconds(time)
  }
  return cell
}

function numberOr<T>(text: string, other: T): number | T {
  const number = Number(text)
  const exact = Number.isFinite(number) && /^-?\d+(?:\.\d+)?$/.test(text)
  return exact && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : other
}

export type Conversion =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly why: string }

/** A value of a JSON request as the field stores it; null and '' are empty. */
export function valueOfJson(type: DataType, raw: unknown): Conversion {
  if (raw === null || raw === undefined || raw === '') {
    return { ok: true, value: null }
  }
  if (type === 'boolean') return booleanOf(raw)
  if (numeric.has(type)) return numberOf(type, raw)
  if (type === 'date' || type === 'datetime') return timeOf(type, raw)
  if (typeof raw === 'object') return { ok: false, why: 'is not a value' }
  return { ok: true, value: textOf(raw) }
}

function booleanOf(raw: unknown): Conversion {
  if (raw === true || raw === 1 || /^(?:true|1)$/i.test(textOf(raw))) {
    return { ok: true, value: true }
  }
  if (raw === false || raw === 0 || /^(?:false|0)$/i.test(textOf(raw))) {
    return { ok: true, value: false }
  }
  return { ok: false, why: 'is not a boolean' }
}

function numberOf(type: DataType, raw: unknown): Conversion {
  const number = typeof raw === 'number' ? raw : numberOr(textOf(raw), null)
  const whole = type === 'integer' || type === 'score' || type === 'reference'
  if (number === null || (whole && !Number.isInteger(number))) {
    return { ok: false, why: `is not of type ${type}` }
  }
  return { ok: true, value: number }
}

function timeOf(type: DataType, raw: unknown): Conversion {
  const time = parseTime(textOf(raw))
  if (time === null) return { ok: false, why: `is not a ${type}` }
  const text = isoSeconds(time)
  return { ok: true, value: type === 'date' ? text.slice(0, 10) : text }
}
