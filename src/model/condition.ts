import type { Condition } from '../pipeline/pipeline.js'
import { literal } from '../warehouse/quote.js'
import type { Column } from './normalise.js'

/** `*` stands for any run of characters, everything else for itself. */
function likePattern(pattern: string): string {
  return pattern
    .toLowerCase()
    .replace(/[\\%_]/g, (character) => `\\${character}`)
    .replaceAll('*', '%')
}

function one(condition: Condition, column: Column): string {
  const text = `lower(trim(${column(condition.field)}))`
  switch (condition.kind) {
    case 'empty':
      return `coalesce(${text}, '') = ''`
    case 'present':
      return `coalesce(${text}, '') <> ''`
    case 'pattern':
      return `${text} like ${literal(likePattern(condition.pattern))} escape '\\'`
    case 'any_of':
      return `${text} in (${condition.values.map((value) => literal(value.trim().toLowerCase())).join(', ')})`
  }
}

/** SQL that is true where all conditions hold. */
export function conditions(list: readonly Condition[], column: Column): string {
  return `(${list.map((condition) => one(condition, column)).join(' and ')})`
}

/** The same in words. */
export function conditionWords(list: readonly Condition[]): string {
  return list
    .map((condition) => {
      switch (condition.kind) {
        case 'empty':
          return `${condition.field} is empty`
        case 'present':
          return `${condition.field} is filled`
        case 'pattern':
          return `${condition.field} is like ${condition.pattern}`
        case 'any_of':
          return `${condition.field} is ${condition.values.join(' or ')}`
      }
    })
    .join(' and ')
}
