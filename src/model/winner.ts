import type { WinnerRule } from '../pipeline/pipeline.js'
import { conditions, conditionWords } from './condition.js'
import type { Column } from './normalise.js'

/** One criterion of the winner order: SQL, its direction, and words. */
interface Criterion {
  readonly value: string
  readonly direction: 'asc' | 'desc'
  readonly words: string
}

/**
 * 2 for a CRM contact, 1 for a CRM lead, 0 for a lead that only Marketo
 * knows. Marketo keeps the highest, whatever winner it is told (Adobe docs,
 * leads, merge).
 */
export function crmRank(column: Column): string {
  return `case lower(${column('sfdcType')}) when 'contact' then 2 when 'lead' then 1 else 0 end`
}

function filled(fields: readonly string[], column: Column): string {
  return fields
    .map((field) => `(${column(field)} is not null)::integer`)
    .join(' + ')
}

function criterion(
  rule: WinnerRule,
  column: Column,
  fields: readonly string[],
): Criterion {
  switch (rule.kind) {
    case 'crm_contact':
      return {
        value: `coalesce(lower(${column('sfdcType')}) = 'contact', false)`,
        direction: 'desc',
        words: 'CRM contact first',
      }
    case 'crm_lead':
      return {
        value: `coalesce(lower(${column('sfdcType')}) = 'lead', false)`,
        direction: 'desc',
        words: 'CRM lead first',
      }
    case 'most_complete':
      return {
        value: `(${filled(fields, column)})`,
        direction: 'desc',
        words: 'most complete',
      }
    case 'where':
      return {
        value: `coalesce(${conditions(rule.where, column)}, false)`,
        direction: 'desc',
        words: conditionWords(rule.where),
      }
    case 'newest':
    case 'oldest':
      return {
        value: `try_cast(${column(rule.field)} as timestamp)`,
        direction: rule.kind === 'newest' ? 'desc' : 'asc',
        words: `${rule.kind} ${rule.field}`,
      }
    case 'highest':
    case 'lowest':
      return {
        value:
          rule.field === 'id'
            ? column('id')
            : `try_cast(${column(rule.field)} as double)`,
        direction: rule.kind === 'highest' ? 'desc' : 'asc',
        words: `${rule.kind} ${rule.field}`,
      }
  }
}

/** Terms of an `order by`, best lead first. */
export function winnerOrder(
  rules: readonly WinnerRule[],
  column: Column,
  fields: readonly string[],
): string {
  return rules
    .map((rule) => criterion(rule, column, fields))
    .map(({ value, direction }) => `${value} ${direction} nulls last`)
    .join(', ')
}

/** The deciding values as a list of text, CRM rank first. */
export function winnerCriteria(
  rules: readonly WinnerRule[],
  column: Column,
  fields: readonly string[],
): string {
  const values = rules.map((rule) => criterion(rule, column, fields).value)
  return `[${[crmRank(column), ...values].map((value) => `cast(${value} as varchar)`).join(', ')}]`
}

/** Words need no columns. */
const nothing: Column = () => 'null'

/** What each entry of the criteria means, in words. */
export function winnerWords(rules: readonly WinnerRule[]): string[] {
  return [
    'CRM contact before CRM lead before Marketo only',
    ...rules.map((rule) => criterion(rule, nothing, []).words),
  ]
}
