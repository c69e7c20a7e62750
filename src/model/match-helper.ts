/** Template helpers that compare leads by the keys of match rules. */
import { identifier } from '../warehouse/quote.js'
import { literal } from '../warehouse/quote.js'
import type { Apart, matchContext } from './match-context.js'
import { type Column, normalisedKey, plainKey } from './normalise.js'
import { similaritySql } from './similarity.js'

type Kind = Apart['kind']
type Similar = ReturnType<typeof matchContext>['similar'][number]

/** An initial is no first name that could differ from another. */
const hasHousehold =
  'address_value.value is not null and last_name_value.family is not null and length(first_name_value.given) > 1'

/** The household of a lead, where its address and both names are known. */
export function household(): string {
  return `if(${hasHousehold}, address_value.value || chr(31) || last_name_value.family, null)`
}

/** What has to agree on two leads of one person, over `lead_key`'s joins. */
export function apartValue(kind: Kind, field: string, column: Column): string {
  switch (kind) {
    case 'differ':
      return plainKey(column(field))
    case 'extra_key':
      return `coalesce(${plainKey(column(field))}, '')`
    case 'partition':
      return plainKey(column('leadPartitionId'))
    case 'household':
      return `if(${hasHousehold}, first_name_value.root, null)`
    case 'suffix':
      return normalisedKey('name_suffix', column)
  }
}

/** An aggregate: whether the leads of a group cannot be one person. */
export function apartConflict(kind: Kind, column: string): string {
  const value = identifier(column)
  return kind === 'household'
    ? `count(distinct household || chr(31) || ${value}) > count(distinct household)`
    : `coalesce(min(${value}) < max(${value}), false)`
}

/** Whether leads a and b cannot be one person. */
export function apartPair(kind: Kind, column: string): string {
  const value = identifier(column)
  const differ = `a.${value} <> b.${value}`
  return kind === 'household'
    ? `coalesce(a.household = b.household and ${differ}, false)`
    : `coalesce(${differ}, false)`
}

/** How alike leads a and b are in one key. */
export function similarity({ kind, column }: Similar): string {
  const value = identifier(column)
  return similaritySql(kind, `a.${value}`, `b.${value}`)
}

export function meanSimilarity(keys: readonly Similar[]): string {
  return `((${keys.map(similarity).join(' + ')}) / ${keys.length})`
}

/** `first name 0.93, last name 1.00`: no values. */
export function evidence(keys: readonly Similar[]): string {
  const parts = keys.map(
    (key) => `format(${literal(`${key.words} {:.2f}`)}, ${similarity(key)})`,
  )
  return `concat_ws(', ', ${parts.join(', ')})`
}
