import { conditions } from './condition.js'
import type { SourceDocument } from './document.js'
import type {
  ConsentRule,
  FieldRule,
  Fill,
  SimpleRule,
  SurviveRule,
} from './pipeline.js'
import type { Path } from './problem.js'
import type { ConsentForm, SimpleForm, SurviveForm } from './survive-form.js'

type SurviveForms = Readonly<Record<string, SurviveForm>>

/** Which value of which field stays; a group gives one rule for each field. */
export function surviveOf(
  form: SurviveForms | undefined,
  others: {
    readonly consent: readonly FieldRule<ConsentRule>[]
    readonly fill: Fill
  },
  path: Path,
  document: SourceDocument,
): FieldRule<SurviveRule>[] {
  const own = Object.entries(form ?? {}).flatMap(([field, rule]) =>
    ofField(field, rule, [...path, 'survive', field], document),
  )
  const known = new Map<string, SurviveRule | ConsentRule>(
    [...own, ...others.consent].map(({ field, rule }) => [field, rule]),
  )
  return own.map(({ field, rule }) => {
    if (typeof rule === 'string' || rule.kind !== 'with') return { field, rule }
    const other = known.get(rule.field) ?? usualRule(others.fill)
    return { field, rule: { ...rule, rule: other } }
  })
}

/** The rule of a field that no rule names. */
export function usualRule(fill: Fill): SurviveRule {
  return fill === 'best' ? 'winner' : { kind: 'fill', fill }
}

function ofField(
  field: string,
  form: SurviveForm,
  path: Path,
  document: SourceDocument,
): FieldRule<SurviveRule>[] {
  if (typeof form === 'string') return [{ field, rule: form }]
  const { where, with: other, group, by, else: otherwise, ...rest } = form
  if (where !== undefined) {
    const rule: SurviveRule = {
      kind: 'where',
      where: conditions(where, [...path, 'where'], document),
      otherwise: otherwise === undefined ? 'winner' : simple(otherwise),
    }
    return [{ field, rule }]
  }
  if (other !== undefined) {
    // What that field's rule is, is known once all are read.
    return [{ field, rule: { kind: 'with', field: other, rule: 'winner' } }]
  }
  if (group === undefined) return [{ field, rule: simple(rest) }]
  const fields = groupFields(field, group)
  const rule: SurviveRule = {
    kind: 'group',
    fields,
    rule: by === undefined ? 'winner' : simple(by),
  }
  return fields.map((each) => ({ field: each, rule }))
}

/** The field that names the group is its first. */
export function groupFields(field: string, group: readonly string[]): string[] {
  return [...new Set([field, ...group])]
}

const byField = ['newest', 'oldest', 'highest', 'lowest'] as const

function simple(form: SimpleForm): SimpleRule {
  if (typeof form === 'string') return form
  if (form.union !== undefined) return { kind: 'union', separator: form.union }
  if (form.most_complete !== undefined) {
    return { kind: 'most_complete', fields: form.most_complete }
  }
  for (const kind of byField) {
    const field = form[kind]
    if (field !== undefined) return { kind, field }
  }
  // The schema lets no rule without a key through.
  return 'winner'
}

/** Values of consent as text, as they were written. */
export function consentRule(
  form: ConsentForm,
  path: Path,
  document: SourceDocument,
): ConsentRule {
  if (typeof form === 'string') return form
  const values = form.strictest.map(
    (value, index) =>
      document.text([...path, 'strictest', index]) ?? String(value),
  )
  return { kind: 'strictest', values }
}
