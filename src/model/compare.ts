/**
 * SQL of probabilistic matching: which leads are worth comparing, at which
 * level two leads agree, and what that weighs. Relations `x` and `y` are two
 * rows of models/dedupe/auto_value.sql.
 */
import {
  type Comparison,
  identifierComparison,
  standardComparisons,
} from '../match/comparison.js'
import { identifier } from '../warehouse/quote.js'

/** Keys of the vocabulary that comparing needs. */
export const autoKeys: readonly string[] = [
  'email',
  'first_name',
  'first_name_root',
  'last_name',
  'name_suffix',
  'birth_date',
  'phone',
  'mobile_phone',
  'address',
  'city',
  'postal_code',
  'company',
]

/** Columns of auto_value whose rarity counts. */
export const sharedValues: readonly string[] = [
  'email',
  'first_name',
  'last_name',
  'birth_date',
  'phone',
  'address',
  'city',
  'postal_code',
  'company',
]

/** Identifier fields of a person, under names that models use. */
export interface Extra {
  readonly field: string
  readonly column: string
}

export function extrasOf(fields: readonly string[]): Extra[] {
  return fields.map((field, index) => ({
    field,
    column: `extra_${index + 1}`,
  }))
}

export function comparisonsOf(extras: readonly Extra[]): Comparison[] {
  return [
    ...standardComparisons,
    ...extras.map(({ field }, index) => identifierComparison(field, index + 1)),
  ]
}

const near = (one: string, other: string, least: number) =>
  `jaro_winkler_similarity(${one}, ${other}) >= ${least}`
const slips = (one: string, other: string) =>
  `damerau_levenshtein(${one}, ${other})`
const shortest = (one: string, other: string) =>
  `least(length(${one}), length(${other}))`

/** One slip, or two in a long word. */
const slip = (one: string, other: string) =>
  `(${slips(one, other)} <= 1 or (${slips(one, other)} = 2 and ${shortest(one, other)} >= 6))`
const begins = (one: string, other: string) =>
  `(starts_with(${one}, ${other}) or starts_with(${other}, ${one}))`

/** Both names typed into each other's place. */
const swapped = `coalesce(
    coalesce(jaro_winkler_similarity(x.first_name, y.last_name), 0)
      + coalesce(jaro_winkler_similarity(x.last_name, y.first_name), 0)
      > coalesce(jaro_winkler_similarity(x.first_name, y.first_name), 0)
      + coalesce(jaro_winkler_similarity(x.last_name, y.last_name), 0) + 0.3
    and (${near('x.first_name', 'y.last_name', 0.9)} or ${near('x.last_name', 'y.first_name', 0.9)}),
    false)`

const sharedWords =
  '(2.0 * len(list_intersect(x.address_words, y.address_words)) / (len(x.address_words) + len(y.address_words)))'
const sameNumbers =
  '(x.address_numbers = y.address_numbers and len(x.address_numbers) > 0)'
const sameParts =
  '((x.birth_date[1:4] = y.birth_date[1:4])::integer + (x.birth_date[5:6] = y.birth_date[5:6])::integer + (x.birth_date[7:8] = y.birth_date[7:8])::integer)'
const turned =
  '(x.birth_date[1:4] = y.birth_date[1:4] and x.birth_date[5:6] = y.birth_date[7:8] and x.birth_date[7:8] = y.birth_date[5:6])'
const named = ['x.last_name', 'x.first_name', 'y.last_name', 'y.first_name']
  .map((name) => `coalesce(contains(x.email_local, ${name}), false)`)
  .join(' or ')

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
    unknown: `x.email is null or y.email is null or (x.email_local = y.email_local and x.email <> y.email and not ${near('x.email_host', 'y.email_host', 0.9)} and (${named}))`,
    levels: [
      'x.email = y.email',
      `${slips('x.email', 'y.email')} <= 2 or (${near('x.email_local', 'y.email_local', 0.9)} and ${near('x.email_host', 'y.email_host', 0.9)})`,
      'x.email_local = y.email_local and length(x.email_local) > 4',
    ],
  },
  first: {
    unknown: 'x.first_name is null or y_first is null',
    levels: [
      'x.first_name = y_first',
      slip('x.first_name', 'y_first'),
      `x.first_root = y_root or (${shortest('x.first_name', 'y_first')} = 1 and ${begins('x.first_name', 'y_first')})`,
    ],
    // Darla and Darlene may be one person or sisters.
    vague: `${begins('x.first_name', 'y_first')} or ${near('x.first_name', 'y_first', 0.85)}`,
  },
  last: {
    unknown: 'x.last_name is null or y_last is null',
    levels: [
      'x.last_name = y_last',
      slip('x.last_name', 'y_last'),
      `${near('x.last_name', 'y_last', 0.88)} or ${begins('x.last_name', 'y_last')}`,
    ],
  },
  birth: {
    unknown: 'x.birth_date is null or y.birth_date is null',
    levels: [
      'x.birth_date = y.birth_date',
      `${slips('x.birth_date', 'y.birth_date')} <= 1 or ${turned}`,
      `${sameParts} = 2`,
      `${slips('x.birth_date', 'y.birth_date')} <= 2 or abs(x.birth_day - y.birth_day) <= 400`,
    ],
  },
  phone: {
    unknown: 'x.phone is null or y.phone is null',
    levels: [
      'x.phone = y.phone or right(x.phone, 10) = right(y.phone, 10)',
      `x.phone_tail = y.phone_tail or ${slips('x.phone', 'y.phone')} <= 1`,
    ],
  },
  address: {
    unknown: 'x.address is null or y.address is null',
    levels: [
      'x.address = y.address',
      `same_numbers and shared_words >= 0.5`,
      `shared_words >= 0.6`,
      `same_numbers or shared_words >= 0.3`,
    ],
  },
  area: {
    // Who lives in the same street lives in the same town.
    unknown: `coalesce(shared_words >= 0.6 or (same_numbers and shared_words >= 0.5), false) or ((x.city is null or y.city is null) and (x.postal_code is null or y.postal_code is null))`,
    levels: [
      `x.postal_code = y.postal_code and coalesce(x.city = y.city or ${near('x.city', 'y.city', 0.85)}, true)`,
      'x.city = y.city',
      `x.postal_code = y.postal_code or ${slips('x.postal_code', 'y.postal_code')} <= 1 or ${near('x.city', 'y.city', 0.88)} or ${slips('x.city', 'y.city')} <= 2`,
    ],
  },
  company: {
    unknown: 'x.company is null or y.company is null',
    levels: ['x.company = y.company', near('x.company', 'y.company', 0.9)],
  },
}

function extraTest(column: string): Test {
  const [one, other] = [`x.${column}`, `y.${column}`]
  const long = (letters: number) => `${shortest(one, other)} >= ${letters}`
  return {
    unknown: `${one} is null or ${other} is null`,
    levels: [
      `${one} = ${other}`,
      `${long(5)} and ${slips(one, other)} <= 1`,
      `${long(7)} and ${slips(one, other)} <= 2`,
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

/**
 * Pairs (a, b) with their leads `x` and `y`, and what several levels look at.
 * In selects of their own, because DuckDB would work each use out again.
 */
export function faced(pairs: string, values: string): string {
  return `(
    select
        met.*,
        if(is_swapped, y.last_name, y.first_name) as y_first,
        if(is_swapped, y.first_name, y.last_name) as y_last,
        if(is_swapped, null, y.first_root) as y_root,
    from (
        select
            pair.*,
            x,
            y,
            ${swapped} as is_swapped,
            ${sharedWords} as shared_words,
            ${sameNumbers} as same_numbers,
        from ${pairs} as pair
        join ${values} as x on x.id = pair.a
        join ${values} as y on y.id = pair.b
    ) as met
) as facing`
}

/** Every level of a pair that faces each other. */
export function levelColumns(comparisons: readonly Comparison[]): string {
  return comparisons.map(levelSql).join(',\n        ')
}

export function levelNames(comparisons: readonly Comparison[]): string {
  return comparisons.map(({ name }) => identifier(`level_${name}`)).join(', ')
}
