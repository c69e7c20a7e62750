/** Random leads, some of them one person with slips, families and colleagues. */
import { type Random } from '../match/pair-graph.js'

export type Lead = Readonly<Record<string, string | null>>

export const leadFields = [
  'email',
  'firstName',
  'lastName',
  'dateOfBirth',
  'phone',
  'country',
  'address',
  'city',
  'postalCode',
  'company',
  'createdAt',
  'updatedAt',
  'unsubscribed',
  'sfdcAccountId',
  'leadPartitionId',
  'leadScore',
] as const

const firstNames =
  'Anna Berta Carl Dora Emil Frida Georg Hanna Ivan Jana Karl Lena Martin Nora Otto Paula Rosa Stefan Thea Viktor Bob Robert Liz Elizabeth'.split(
    ' ',
  )
const lastNames =
  'Berg Dahl Eriksen Fischer Grant Holm Iversen Jansen Keller Lund Meyer Meier Nilsen Olsen Petersen Quist Rossi Schmidt Thomsen Ulrich Voss Weber Zeller Adler'.split(
    ' ',
  )
const cities = 'Oslo Bergen Paris Lyon Berlin Hamburg Leeds York'.split(' ')
const companies = 'Acme Globex Initech Umbra Vandelay Wonka'.split(' ')

const pick = <T>(
  next: Random,
  from: readonly [T, ...T[]] | readonly T[],
): T => {
  const found = from[Math.floor(next() * from.length)]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}
const digits = (next: Random, count: number) =>
  Array.from({ length: count }, () => Math.floor(next() * 10)).join('')

export function person(next: Random): Lead {
  const first = pick(next, firstNames)
  const last = pick(next, lastNames)
  const company = pick(next, companies)
  const month = String(1 + Math.floor(next() * 12)).padStart(2, '0')
  const day = String(1 + Math.floor(next() * 28)).padStart(2, '0')
  const known = (share: number, value: string) =>
    next() < share ? value : null
  return {
    email: known(0.85, `${first}.${last}${digits(next, 2)}@${company}.example`),
    firstName: known(0.95, first),
    lastName: known(
      0.95,
      next() < 0.12 ? `${last} ${pick(next, ['Jr', 'Sr'])}` : last,
    ),
    dateOfBirth: known(
      0.6,
      `${1950 + Math.floor(next() * 50)}-${month}-${day}`,
    ),
    phone: known(0.6, `+49 30 ${digits(next, 7)}`),
    country: 'Germany',
    address: known(
      0.6,
      `${1 + Math.floor(next() * 90)} ${pick(next, lastNames)} Street`,
    ),
    city: known(0.8, pick(next, cities)),
    postalCode: known(0.7, digits(next, 5)),
    company: known(0.7, company),
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
    unsubscribed: 'false',
    sfdcAccountId: known(0.4, `A${digits(next, 1)}`),
    leadPartitionId: '1',
    leadScore: digits(next, 2),
  }
}

function slip(next: Random, text: string): string {
  const at = 1 + Math.floor(next() * Math.max(text.length - 2, 1))
  const kind = next()
  if (kind < 0.4) return text.slice(0, at) + text.slice(at + 1)
  if (kind < 0.8) {
    return (
      text.slice(0, at) + pick(next, Array.from('aeklnrst')) + text.slice(at)
    )
  }
  const turned = (text[at + 1] ?? '') + (text[at] ?? '')
  return text.slice(0, at) + turned + text.slice(at + 2)
}

const mayDiffer = leadFields.slice(0, 10)

/** The same person again: some values with slips, missing, or of now. */
export function again(next: Random, lead: Lead, dirt = 0.25): Lead {
  const other = person(next)
  const changed = mayDiffer.map((field): [string, string | null] => {
    const value = lead[field] ?? null
    if (next() > dirt) return [field, value]
    const way = next()
    if (way < 0.4 || value === null) return [field, null]
    return [field, way < 0.8 ? slip(next, value) : (other[field] ?? null)]
  })
  const way = next()
  const sfdcAccountId =
    way < 0.4
      ? null
      : way < 0.6
        ? `A${digits(next, 1)}`
        : (lead['sfdcAccountId'] ?? null)
  return { ...lead, sfdcAccountId, ...Object.fromEntries(changed) }
}

/** Somebody of the same house or company, who is not the same person. */
export function beside(next: Random, lead: Lead): Lead {
  const other = person(next)
  const shared =
    next() < 0.6
      ? ['lastName', 'address', 'city', 'postalCode', 'phone']
      : ['company', 'phone', 'city', 'email']
  return {
    ...other,
    ...Object.fromEntries(shared.map((field) => [field, lead[field] ?? null])),
  }
}

/** Leads in chains: each may be like any of those before it. */
export function someLeads(
  next: Random,
  count: number,
  known: readonly Lead[] = [],
): Lead[] {
  const made: Lead[] = [...known]
  while (made.length < known.length + count) {
    const way = next()
    if (made.length === 0 || way < 0.5) made.push(person(next))
    else if (way < 0.85) made.push(again(next, pick(next, made)))
    else made.push(beside(next, pick(next, made)))
  }
  return made.slice(known.length)
}
