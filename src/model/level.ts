/**
 * SQL of the level at which two leads agree in each comparison. Columns `x_…`
 * and `y_…` are those of the two leads; `x_first`, `y_last` and the like are
 * their names when swapped ones are put right.
 */
import type { Comparison } from '../match/comparison.js'
import { identifier } from '../warehouse/quote.js'

const near = (one: string, other: string, least: number) =>
  `jaro_winkler_similarity(${one}, ${other}) >= ${least}`
const shortest = (one: string, other: string) =>
  `least(length(${one}), length(${other}))`

/**
 * At most so many slips (1 or 2). Counting them is dear, so texts whose
 * lengths or letters are too far apart are told by that alone: two slips
 * leave texts of four letters 0.66 alike and texts of ten 0.8.
 */
const within = (one: string, other: string, most: 1 | 2) =>
  `(abs(length(${one}) - length(${other})) <= ${most} and jaro_similarity(${one}, ${other}) >= case when ${shortest(one, other)} >= 10 then 0.8 when ${shortest(one, other)} >= 4 then 0.6 else 0 end and damerau_levenshtein(${one}, ${other}) <= ${most})`

/** One slip, or two in a long word. */
const slip = (one: string, other: string) =>
  `(${within(one, other, 1)} or (${shortest(one, other)} >= 6 and ${within(one, other, 2)}))`
const begins = (one: string, other: string) =>
  `(starts_with(${one}, ${other}) or starts_with(${other}, ${one}))`

const sameParts =
  '((x_birth_date[1:4] = y_birth_date[1:4])::integer + (x_birth_date[5:6] = y_birth_date[5:6])::integer + (x_birth_date[7:8] = y_birth_date[7:8])::integer)'
const turned =
  '(x_birth_date[1:4] = y_birth_date[1:4] and x_birth_date[5:6] = y_birth_date[7:8] and x_birth_date[7:8] = y_birth_date[5:6])'
const named = ['x_last_name', 'x_first_name', 'y_last_name', 'y_first_name']
  .map((name) => `coalesce(contains(x_email_local, ${name}), false)`)
  .join(' or ')

/** Two mailboxes that differ as the names of their two owners do. */
const ownMailboxes = ['first_name', 'last_name']
  .map(
    (name) =>
      `coalesce(x_${name} <> y_${name} and contains(x_email_local, x_${name}) and contains(y_email_local, y_${name}), false)`,
  )
  .join(' or ')
const digits = (email: string) => `regexp_replace(${email}, '[^0-9]', '', 'g')`

/** Numbers tell mailboxes of one name apart, so they differ by a slip only. */
const sameDigits = `(${digits('x_email')} = ${digits('y_email')} or (${digits('x_email')} <> '' and ${digits('y_email')} <> '' and damerau_levenshtein(${digits('x_email')}, ${digits('y_email')}) <= 1))`

interface Test {
  /** No evidence where it holds. */
  readonly unknown: string
  /** From the strongest level down; what fits none is different. */
  readonly levels: readonly string[]
  /** No evidence where no level fits and it holds. */
  readonly vague?: string
}

const tests: Readonly<Record<string, Test>> = {
  email: {
    // A mailbox named after a person says no more than the person's name.
    unknown: `x_email is null or y_email is null or (x_email_local = y_email_local and x_email <> y_email and not ${near('x_email_host', 'y_email_host', 0.9)} and (${named}))`,
    levels: [
      'x_email = y_email',
      `(${within('x_email', 'y_email', 2)} or (${near('x_email_local', 'y_email_local', 0.9)} and ${near('x_email_host', 'y_email_host', 0.9)})) and ${sameDigits} and not (${ownMailboxes})`,
      'x_email_local = y_email_local and length(x_email_local) > 4',
    ],
  },
  first: {
    unknown: 'x_first is null or y_first is null',
    levels: [
      'x_first = y_first',
      slip('x_first', 'y_first'),
      `x_root = y_root or (${shortest('x_first', 'y_first')} = 1 and ${begins('x_first', 'y_first')})`,
    ],
    // Darla and Darlene may be one person or sisters.
    vague: `${begins('x_first', 'y_first')} or ${near('x_first', 'y_first', 0.85)}`,
  },
  last: {
    unknown: 'x_last is null or y_last is null',
    levels: [
      'x_last = y_last',
      slip('x_last', 'y_last'),
      `${near('x_last', 'y_last', 0.88)} or ${begins('x_last', 'y_last')}`,
    ],
  },
  birth: {
    unknown: 'x_birth_date is null or y_birth_date is null',
    levels: [
      'x_birth_date = y_birth_date',
      `${within('x_birth_date', 'y_birth_date', 1)} or ${turned}`,
      `${sameParts} = 2`,
      `${within('x_birth_date', 'y_birth_date', 2)} or abs(x_birth_day - y_birth_day) <= 400`,
    ],
  },
  phone: {
    unknown: 'x_phone is null or y_phone is null',
    levels: [
      'x_phone = y_phone or right(x_phone, 10) = right(y_phone, 10)',
      `x_phone_tail = y_phone_tail or ${within('x_phone', 'y_phone', 1)}`,
    ],
  },
  address: {
    unknown: 'x_address is null or y_address is null',
    levels: [
      'x_address = y_address',
      `same_numbers and shared_words >= 0.5`,
      `shared_words >= 0.6`,
      `same_numbers or shared_words >= 0.3`,
    ],
  },
  area: {
    // Who lives in the same street lives in the same town.
    unknown: `coalesce(shared_words >= 0.6 or (same_numbers and shared_words >= 0.5), false) or ((x_city is null or y_city is null) and (x_postal_code is null or y_postal_code is null))`,
    levels: [
      `x_postal_code = y_postal_code and coalesce(x_city = y_city or ${near('x_city', 'y_city', 0.85)}, true)`,
      'x_city = y_city',
      `x_postal_code = y_postal_code or ${within('x_postal_code', 'y_postal_code', 1)} or ${near('x_city', 'y_city', 0.88)} or ${within('x_city', 'y_city', 2)}`,
    ],
  },
  company: {
    unknown: 'x_company is null or y_company is null',
    levels: ['x_company = y_company', near('x_company', 'y_company', 0.9)],
  },
}

function extraTest(column: string): Test {
  const [one, other] = [`x_${column}`, `y_${column}`]
  const long = (letters: number) => `${shortest(one, other)} >= ${letters}`
  return {
    unknown: `${one} is null or ${other} is null`,
    levels: [
      `${one} = ${other}`,
      `${long(5)} and ${within(one, other, 1)}`,
      `${long(7)} and ${within(one, other, 2)}`,
    ],
  }
}

function levelSql({ name }: Comparison): string {
  const { unknown, levels, vague } = tests[name] ?? extraTest(name)
  const cases = levels.map(
    (condition, index) => `when ${condition} then ${levels.length - index}`,
  )
  const open = vague === undefined ? '' : `when ${vague} then -1 `
  return `cast(case when ${unknown} then -1 ${cases.join(' ')} ${open}else 0 end as tinyint) as ${identifier(`level_${name}`)}`
}

/** Every level of a pair that faces each other. */
export function levelColumns(comparisons: readonly Comparison[]): string {
  return comparisons.map(levelSql).join(',\n        ')
}

export function levelNames(comparisons: readonly Comparison[]): string {
  return comparisons.map(({ name }) => identifier(`level_${name}`)).join(', ')
}
