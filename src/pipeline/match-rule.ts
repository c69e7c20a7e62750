import { conditionFindings, conditions } from './condition.js'
import type { SourceDocument } from './document.js'
import type { MatchForm, NeverForm } from './match-form.js'
import type { MatchRule, NeverRule } from './match.js'
import type { Condition, ListScope } from './pipeline.js'
import type { Path } from './problem.js'
import type { Finding } from './sentence.js'
import { listOf } from './winner-rule.js'

/** A match rule with nothing left out. */
export function matchOf(
  form: MatchForm,
  path: Path,
  document: SourceDocument,
): MatchRule {
  return {
    same: form.same ?? [],
    similar: Object.entries(form.similar ?? {}).map(([key, threshold]) => ({
      key,
      threshold,
    })),
    block: (form.block ?? []).map((entry) =>
      typeof entry === 'string' ? [entry] : entry,
    ),
    where: conditions(form.where ?? {}, [...path, 'where'], document),
    list:
      form.list === undefined
        ? null
        : listOf(form.list, [...path, 'list'], document),
  }
}

export function neverOf(
  form: NeverForm,
  path: Path,
  document: SourceDocument,
): NeverRule {
  if (typeof form === 'string') return { kind: form }
  if (form.differ !== undefined) return { kind: 'differ', field: form.differ }
  if (form.employees !== undefined) {
    return { kind: 'employees', domains: form.employees }
  }
  if (form.intentional !== undefined) {
    return { kind: 'intentional', field: form.intentional }
  }
  if (form.extra_key !== undefined) {
    return { kind: 'extra_key', field: form.extra_key }
  }
  const where = conditions(form.where ?? {}, [...path, 'where'], document)
  return { kind: 'where', where }
}

/** Mistakes in the conditions of match and never rules. */
export function matchFindings(
  match: readonly MatchForm[],
  never: readonly NeverForm[],
  path: Path,
): Finding[] {
  return [
    ...match.flatMap(({ where = {} }, index) =>
      conditionFindings(where, [...path, 'match', index, 'where']),
    ),
    ...never.flatMap((rule, index) =>
      typeof rule === 'string'
        ? []
        : conditionFindings(rule.where ?? {}, [
            ...path,
            'never',
            index,
            'where',
          ]),
    ),
  ]
}

/** Every key that a rule compares, with its place under the rule. */
export function ruleKeys(
  rule: MatchRule,
): readonly { readonly key: string; readonly path: Path }[] {
  return [
    ...rule.same.map((key, place) => ({ key, path: ['same', place] })),
    ...rule.similar.map(({ key }) => ({ key, path: ['similar', key] })),
    ...rule.block.flatMap((keys, place) =>
      keys.map((key) => ({ key, path: ['block', place] })),
    ),
  ]
}

/** Marketo fields behind `household`. */
const householdFields = ['address', 'lastName', 'firstName']

/** Marketo fields that a never rule looks at. */
export function neverFields(rule: NeverRule): readonly string[] {
  switch (rule.kind) {
    case 'differ':
    case 'intentional':
    case 'extra_key':
      return [rule.field]
    case 'where':
      return rule.where.map(({ field }) => field)
    case 'employees':
      return ['email']
    case 'household':
      return householdFields
    case 'partition':
      return ['leadPartitionId']
  }
}

/** How people and systems say yes in a field. */
const yes = ['true', '1', 'yes', 'y', 'x', 'oui', 'ja', 'si', 'sí', 'sim', 'да']

/**
 * Leads that the rule takes out of all matching: each list of conditions
 * takes out a lead that fulfils all of them.
 */
export function excludedBy(rule: NeverRule): readonly (readonly Condition[])[] {
  switch (rule.kind) {
    case 'where':
      return [rule.where]
    case 'intentional':
      return [[{ field: rule.field, kind: 'any_of', values: yes }]]
    case 'employees':
      return rule.domains.flatMap((domain) =>
        [`*@${domain}`, `*@*.${domain}`].map((pattern): Condition[] => [
          { field: 'email', kind: 'pattern', pattern },
        ]),
      )
    case 'differ':
    case 'extra_key':
    case 'household':
    case 'partition':
      return []
  }
}

/** Lists that single rules are limited to. */
export function matchLists(match: readonly MatchRule[]): ListScope[] {
  return match.flatMap(({ list }) => (list === null ? [] : [list]))
}
