/**
 * How plain code reads a lead: what the oracles of winner and survivor share.
 * Nothing here comes from the product.
 */
export type Lead = Readonly<Record<string, string | null>>

export const number = (text: string | null | undefined): number | null => {
  if (text === null || text === undefined || text.trim() === '') return null
  const value = Number(text)
  return Number.isNaN(value) ? null : value
}

export const moment = (text: string | null | undefined): number | null => {
  if (!/^\d{4}-\d\d-\d\d/.test(text ?? '')) return null
  const value = Date.parse(text ?? '')
  return Number.isNaN(value) ? null : value
}

export const id = (lead: Lead) => Number(lead['id'])
export const has = (lead: Lead, field: string) =>
  (lead[field] ?? '').trim() !== ''
export const count = (lead: Lead, fields: readonly string[]) =>
  fields.filter((field) => has(lead, field)).length
export const isTrue = (text: string | null | undefined) =>
  ['true', '1'].includes((text ?? '').toLowerCase())

export const isSet = (lead: Lead, field: string) =>
  typeof lead[field] === 'string'

export const minus = (value: number | null) => (value === null ? null : -value)
