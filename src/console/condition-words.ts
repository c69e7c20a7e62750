/** Conditions and lists in plain words; pure. */
import type { Condition, ListScope } from '../pipeline/pipeline.js'

/** `a, b and c`. */
export function listed(parts: readonly string[], last = 'and'): string {
  if (parts.length < 2) return parts.join('')
  return `${parts.slice(0, -1).join(', ')} ${last} ${parts.at(-1) ?? ''}`
}

export function conditionWords(conditions: readonly Condition[]): string {
  return listed(conditions.map(oneCondition))
}

function oneCondition(condition: Condition): string {
  const { field } = condition
  switch (condition.kind) {
    case 'any_of':
      return `${field} is ${listed(condition.values, 'or')}`
    case 'pattern':
      return `${field} looks like ${condition.pattern}`
    case 'empty':
      return `${field} is empty`
    case 'present':
      return `${field} has a value`
  }
}

export function listWords(list: ListScope | null): string {
  return list === null
    ? 'all leads'
    : `leads on the ${list.kind} list ${list.list}`
}

/** `last_name_sound` is `last name sound`. */
export function keyWords(key: string): string {
  return key.replaceAll('_', ' ')
}
