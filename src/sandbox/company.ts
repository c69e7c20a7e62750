import { asciiOf } from './latin.js'
import type { Pool } from './pool.js'
import type { Random } from './random.js'

export interface Company {
  readonly name: string
  /** Of this company alone. */
  readonly domain: string
  readonly industry: string
  readonly employees: number
  readonly city: string
  readonly accountId: string
}

const consonants = 'bdfghklmnprstvz'
const vowels = 'aeiou'
const endings =
  'tek lis ron via nex sol dyn mar gen tra cor lux fin med net log'.split(' ')

const industries = [
  'Software',
  'Manufacturing',
  'Healthcare',
  'Financial Services',
  'Retail',
  'Education',
  'Energy & Utilities',
  'Media, Print',
  'Transportation',
  'Construction',
]

/** Endings times two syllables: the brands before a third one is needed. */
const shortBrands = endings.length * 75 * 75

/** A brand no other number has, such as `Kovitek`. */
export function brandOf(number: number): string {
  // One to one because the factor has no divisor in common with the count.
  const mixed = ((number % shortBrands) * 48_271 + 12_345) % shortBrands
  const pair = Math.floor(mixed / endings.length)
  let name = syllableOf(pair % 75) + syllableOf(Math.floor(pair / 75))
  name += endings[mixed % endings.length] ?? ''
  let rest = Math.floor(number / shortBrands)
  for (; rest > 0; rest = Math.floor(rest / 75)) {
    name = syllableOf(rest % 75) + name
  }
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function syllableOf(index: number): string {
  return consonants.charAt(Math.floor(index / 5)) + vowels.charAt(index % 5)
}

/** Salesforce's 18-character ids: a prefix and base-36 digits. */
export function crmId(prefix: string, number: number): string {
  const digits = number.toString(36).toUpperCase().padStart(12, '0')
  return `${prefix}${digits}AAA`
}

export function companyOf(number: number, pool: Pool, random: Random): Company {
  const { culture } = pool
  const brand = brandOf(number)
  const form = random.pick(culture.companyForms)
  const last = random.pick(pool.last[0])
  const slug = asciiOf(last)
  const isFamily = slug !== '' && random.chance(0.3)
  const name = isFamily ? `${last} ${brand}` : brand
  const base = isFamily ? `${slug}-${brand}` : brand
  return {
    name: /^\p{Script=Latin}/u.test(form)
      ? `${name} ${form}`
      : `${form} ${name}`,
    domain: `${base.toLowerCase()}.${culture.topDomain}`,
    industry: random.pick(industries),
    employees: Math.ceil(10 ** random.between(0.5, 4.5)),
    city: random.pick(pool.cities),
    accountId: crmId('001', number),
  }
}
