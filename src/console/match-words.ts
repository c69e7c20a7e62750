/** What makes two leads one person, in plain words; pure. */
import { formatShare } from '../format.js'
import type { AutoMatch, MatchRule, NeverRule } from '../pipeline/match.js'
import {
  conditionWords,
  keyWords,
  listed,
  listWords,
} from './condition-words.js'

export function matchWords(rule: MatchRule): string {
  const same = rule.same.map(keyWords)
  const similar = rule.similar.map(
    ({ key, threshold }) => `${keyWords(key)} (${formatShare(threshold)})`,
  )
  const parts = [
    ...(same.length > 0 ? [`the same ${listed(same)}`] : []),
    ...(similar.length > 0 ? [`a similar ${listed(similar)}`] : []),
  ]
  return [
    listed(parts),
    ...(rule.block.length > 0 ? [blockWords(rule.block)] : []),
    ...(rule.where.length > 0
      ? [`only where ${conditionWords(rule.where)}`]
      : []),
    ...(rule.list === null ? [] : [`only ${listWords(rule.list)}`]),
  ].join('; ')
}

function blockWords(block: MatchRule['block']): string {
  const ways = block.map((keys) => listed(keys.map(keyWords)))
  return `compared are leads with the same ${listed(ways, 'or')}`
}

export function neverWords(rule: NeverRule): string {
  switch (rule.kind) {
    case 'differ':
      return `never when ${rule.field} differs`
    case 'extra_key':
      return `never when ${rule.field} differs; empty on both is equal`
    case 'where':
      return `never where ${conditionWords(rule.where)}`
    case 'partition':
      return 'never across lead partitions'
    case 'household':
      return 'never one household: the same address and surname, other first names'
    case 'employees':
      return `never our own people (${listed(rule.domains)})`
    case 'intentional':
      return `never leads that ${rule.field} marks as double on purpose`
  }
}

export function autoWords(auto: AutoMatch): string[] {
  const fields =
    auto.fields.length === 0
      ? ''
      : `, with ${listed(auto.fields)} naming a person`
  return [
    `by probability, learned from the leads themselves${fields}`,
    `from ${percent(auto.merge)} on they are merged, from ${percent(auto.review)} a person decides`,
  ]
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`
}
