import type { FieldValue } from './api.js'
import { isJson, type Json } from './envelope.js'

/**
 * The answer came, but lacks what it must have. The caller of a read asks
 * again; a write with such an answer is ambiguous.
 */
export class UnusableAnswer extends Error {
  override readonly name = 'UnusableAnswer'
}

/** An id as decimal text, or null. */
export function optionalId(value: unknown): string | null {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value >= 0 ? String(value) : null
  }
  return typeof value === 'string' && isId(value) ? value : null
}

export function isId(text: string): boolean {
  return /^\d{1,20}$/.test(text)
}

export function needId(value: unknown): string {
  const id = optionalId(value)
  if (id === null) throw new UnusableAnswer('no id')
  return id
}

export function optionalText(value: unknown): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : null
}

export function needText(value: unknown): string {
  const text = optionalText(value)
  if (text === null) throw new UnusableAnswer('no text')
  return text
}

export function optionalCount(value: unknown): number | null {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number)
    ? number
    : null
}

/** Lists and objects, as in `cookies`, become their JSON. */
export function fieldValue(value: unknown): FieldValue {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  return typeof value === 'number' ? value : JSON.stringify(value)
}

/**
 * ISO 8601 in UTC from the spellings met: `Z`, `+0000`, `Z+0000`, and a blank
 * instead of T without a zone, which is UTC (Adobe docs and recordings).
 */
export function instant(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(.*)$/.exec(
    value,
  )
  if (!parts) return null
  const [, day, time, rest = ''] = parts
  const zone = /^Z?([+-]\d\d):?(\d\d)$/.exec(rest)
  if (!zone && rest !== '' && rest !== 'Z') return null
  const date = new Date(`${day}T${time}${zone ? `${zone[1]}:${zone[2]}` : 'Z'}`)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

export function needInstant(value: unknown): string {
  const time = instant(value)
  if (time === null) throw new UnusableAnswer('no time')
  return time
}

/** Attributes of an activity: a list of names and values, or an object. */
export function attributes(value: unknown): Record<string, FieldValue> {
  if (isJson(value)) return fields(value)
  const list: unknown[] = Array.isArray(value) ? value : []
  const pairs = list.filter(isJson).map(({ name, value: held }) => {
    return [needText(name), fieldValue(held)] as const
  })
  return Object.fromEntries(pairs)
}

export function fields(record: Json): Record<string, FieldValue> {
  const pairs = Object.entries(record)
  return Object.fromEntries(pairs.map(([name, v]) => [name, fieldValue(v)]))
}
