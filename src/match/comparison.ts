/**
 * What two leads are compared by, without any SQL. Levels go from
 * `different` up to the strongest agreement; a level of -1 says that one of
 * the two has no value, which is no evidence either way.
 */
export interface Level {
  /** In words, as evidence: `same email`. */
  readonly words: string
  /** How often one person's leads agree like this, before data is seen. */
  readonly prior: number
  /** The value whose rarity decides what an agreement is worth. */
  readonly share: string | null
}

export interface Comparison {
  readonly name: string
  readonly levels: readonly Level[]
}

function level(
  words: string,
  prior: number,
  share: string | null = null,
): Level {
  return { words, prior, share }
}

const email: Comparison = {
  name: 'email',
  levels: [
    level('different email', 0.12),
    level('same mailbox name', 0.03),
    level('similar email', 0.15),
    level('same email', 0.7, 'email'),
  ],
}

const first: Comparison = {
  name: 'first',
  levels: [
    level('different first name', 0.1),
    level('short form or initial of the first name', 0.08),
    level('first name with a slip', 0.17),
    level('same first name', 0.65, 'first_name'),
  ],
}

const last: Comparison = {
  name: 'last',
  levels: [
    level('different last name', 0.08),
    level('vaguely similar last name', 0.04),
    level('last name with a slip', 0.15),
    level('same last name', 0.73, 'last_name'),
  ],
}

const birth: Comparison = {
  name: 'birth',
  levels: [
    level('different date of birth', 0.06),
    level('near date of birth', 0.05),
    level('date of birth with one part different', 0.05),
    level('date of birth with a slip', 0.09),
    level('same date of birth', 0.75, 'birth_date'),
  ],
}

const phone: Comparison = {
  name: 'phone',
  levels: [
    level('different phone', 0.3),
    level('similar phone', 0.05),
    level('same phone', 0.65, 'phone'),
  ],
}

const address: Comparison = {
  name: 'address',
  levels: [
    level('different address', 0.25),
    level('partly the same address', 0.1),
    level('same street', 0.1),
    level('similar address', 0.15),
    level('same address', 0.4, 'address'),
  ],
}

const area: Comparison = {
  name: 'area',
  levels: [
    level('different town', 0.2),
    level('near town or postal code', 0.2),
    level('same town', 0.25, 'city'),
    level('same postal code and town', 0.35, 'postal_code'),
  ],
}

const company: Comparison = {
  name: 'company',
  levels: [
    level('different company', 0.35),
    level('similar company', 0.15),
    level('same company', 0.5, 'company'),
  ],
}

export const standardComparisons: readonly Comparison[] = [
  email,
  first,
  last,
  birth,
  phone,
  address,
  area,
  company,
]

/** A field that names a person, such as a customer number. */
export function identifierComparison(field: string, index: number): Comparison {
  return {
    name: `extra_${index}`,
    levels: [
      level(`different ${field}`, 0.1),
      level(`${field} with two slips`, 0.03),
      level(`${field} with a slip`, 0.07),
      level(`same ${field}`, 0.8, `extra_${index}`),
    ],
  }
}

/**
 * Kinds of two people who look like one, each with the comparisons in which
 * they agree more than strangers do. How often they agree in them is learned
 * for each kind; in everything else they are two of one town.
 */
export const lookAlikes = {
  family: ['last', 'address', 'area', 'phone'],
  kin: ['last', 'company', 'address', 'area', 'phone'],
  mailbox: ['email', 'last', 'address', 'area', 'phone', 'company'],
  colleague: ['company', 'phone', 'address', 'area'],
  namesake: ['first', 'last', 'area'],
  line: ['phone', 'address', 'area', 'company'],
} as const

/** Look-alikes are never rarer than this, per pair of one person. */
export const leastLookAlike: Readonly<Record<keyof typeof lookAlikes, number>> =
  {
    family: 0.01,
    kin: 0.01,
    mailbox: 0.01,
    colleague: 0.01,
    namesake: 0.03,
    line: 0.01,
  }

/**
 * Mailboxes are named after people and firms, so a similar one says no more
 * than a name or a company does.
 */
export function isDerived(name: string, agreement: number): boolean {
  return (
    name === 'email' && agreement > 0 && agreement < email.levels.length - 1
  )
}

/** What two people must agree in to look alike in this way. */
export const lookAlikeCore: Readonly<
  Record<keyof typeof lookAlikes, readonly string[]>
> = {
  family: ['last'],
  kin: ['last', 'company'],
  mailbox: ['email'],
  colleague: ['company'],
  namesake: ['first', 'last'],
  line: ['phone'],
}

export type LookAlike = keyof typeof lookAlikes
export const lookAlikeNames: readonly LookAlike[] = [
  'family',
  'kin',
  'mailbox',
  'colleague',
  'namesake',
  'line',
]
