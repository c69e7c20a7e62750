import { conditionFindings } from './condition.js'
import type { Path } from './problem.js'
import type { Finding } from './sentence.js'
import type { ServiceForm } from './service.js'
import type { SurviveForm } from './survive-form.js'
import { groupFields } from './survive-rule.js'

type DedupeForm = Extract<ServiceForm, { type: 'dedupe' }>
type SurviveForms = NonNullable<DedupeForm['survive']>

/** Fields that a group brings with it, and where the file says so. */
export function surviveTargets(
  form: SurviveForms | undefined,
): { field: string; path: Path }[] {
  return Object.entries(form ?? {}).flatMap(([field, rule]) => {
    if (typeof rule === 'string' || rule.group === undefined) return []
    return groupFields(field, rule.group)
      .slice(1)
      .map((each) => ({
        field: each,
        path: ['survive', field, 'group', rule.group?.indexOf(each) ?? 0],
      }))
  })
}

/** Survive rules that are well-formed each, and cannot hold together. */
export function surviveFindings(form: DedupeForm, path: Path): Finding[] {
  return Object.entries(form.survive ?? {}).flatMap(([field, rule]) => {
    if (typeof rule === 'string') return []
    const at = [...path, 'survive', field]
    return [
      ...conditionFindings(rule.where ?? {}, [...at, 'where']),
      ...companion(field, rule.with, form, [...at, 'with']),
    ]
  })
}

/** What goes with a field needs one lead that the field comes from. */
function companion(
  field: string,
  other: string | undefined,
  form: DedupeForm,
  path: Path,
): Finding[] {
  if (other === undefined) return []
  const finding = (message: string): Finding[] => [
    { path, part: 'value', message },
  ]
  if (other === field) return finding('is the field itself.')
  const rule = form.survive?.[other]
  const group = Object.entries(form.survive ?? {}).find(
    ([name, each]) =>
      typeof each === 'object' &&
      groupFields(name, each.group ?? []).includes(other) &&
      each.group !== undefined,
  )
  if (group !== undefined) {
    return finding(`is in the group of ${group[0]}; name the field there.`)
  }
  if (rule === undefined || takesOne(rule)) return []
  return finding(
    `has a rule that does not take one lead's value, so nothing can come with it.`,
  )
}

function takesOne(rule: SurviveForm): boolean {
  if (typeof rule === 'string') {
    return !['sum', 'union', 'most_frequent'].includes(rule)
  }
  return (
    rule.union === undefined &&
    rule.where === undefined &&
    rule.with === undefined
  )
}
