/**
 * What probabilistic matching compares: keys, comparisons, and two rows of
 * models/dedupe/auto_value.sql side by side.
 */
import {
  type Comparison,
  identifierComparison,
  standardComparisons,
} from '../match/comparison.js'

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

const alike = (one: string, other: string) =>
  `coalesce(jaro_winkler_similarity(${one}, ${other}), 0)`

/**
 * Whether a name was typed into the other's place, and in which of the two
 * leads. Where one name alone is in the other's place it is the family's,
 * which more people share; where both are, the lead whose names are more
 * usual in their places has them right.
 */
const swap = `case
    when alike_first_last < 0.9 and alike_last_first < 0.9 then null
    when alike_first_last + alike_last_first
        <= ${alike('x_first_name', 'y_first_name')} + ${alike('x_last_name', 'y_last_name')} + 0.3
        then null
    when alike_last_first < 0.9 then 'x'
    when alike_first_last < 0.9 then 'y'
    when x_share_first_name * x_share_last_name >= y_share_first_name * y_share_last_name then 'y'
    else 'x'
end`

const words = (side: string) => `string_split(${side}.address, ' ')`
const letters = (side: string) =>
  `nullif(translate(${side}.address, '0123456789 ', ''), '')`

/** Words that run together, or have a slip each, are still one street. */
const sharedWords = `greatest(
                    2.0 * len(list_intersect(${words('x')}, ${words('y')})) / (len(${words('x')}) + len(${words('y')})),
                    if(jaro_winkler_similarity(${letters('x')}, ${letters('y')}) >= 0.92, 0.6, 0)
                )`
const sameNumbers = 'x.address_numbers = y.address_numbers'

/**
 * Columns of auto_value that levels look at. Each is held in memory for every
 * lead, twice, so what follows from another one is worked out for each pair.
 */
const comparedColumns: readonly string[] = [
  'email',
  'first_name',
  'first_root',
  'last_name',
  'share_first_name',
  'share_last_name',
  'birth_date',
  'birth_day',
  'phone',
  'address',
  'address_numbers',
  'city',
  'postal_code',
  'company',
]

/**
 * Pairs (a, b) with what is compared of their leads as `x_…` and `y_…`, and
 * what several levels look at: in selects of their own, because DuckDB would
 * work each use out again.
 */
export function faced(
  pairs: string,
  values: string,
  comparisons: readonly Comparison[],
): string {
  const extras = comparisons
    .map(({ name }) => name)
    .filter((name) => name.startsWith('extra_'))
  const columns = ['x', 'y'].flatMap((side) =>
    [...comparedColumns, ...extras].map(
      (column) => `${side}.${column} as ${side}_${column}`,
    ),
  )
  const parts = ['x', 'y'].flatMap((side) => [
    `split_part(${side}.email, '@', 1) as ${side}_email_local`,
    `split_part(${side}.email, '@', 2) as ${side}_email_host`,
    `right(${side}.phone, 7) as ${side}_phone_tail`,
  ])
  return `(
    select
        *,
        if(swapped = 'x', x_last_name, x_first_name) as x_first,
        if(swapped = 'x', x_first_name, x_last_name) as x_last,
        if(swapped = 'y', y_last_name, y_first_name) as y_first,
        if(swapped = 'y', y_first_name, y_last_name) as y_last,
        if(swapped is null, x_first_root, null) as x_root,
        if(swapped is null, y_first_root, null) as y_root,
    from (
        select
            *,
            ${swap} as swapped,
        from (
            select
                pair.*,
                ${[...columns, ...parts].join(',\n                ')},
                ${alike('x.first_name', 'y.last_name')} as alike_first_last,
                ${alike('x.last_name', 'y.first_name')} as alike_last_first,
                ${sharedWords} as shared_words,
                ${sameNumbers} as same_numbers,
            from ${pairs} as pair
            join ${values} as x on x.id = pair.a
            join ${values} as y on y.id = pair.b
        ) as met
    ) as turned
) as facing`
}
