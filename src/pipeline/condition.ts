import type { SourceDocument } from './document.js'
import type { Condition } from './pipeline.js'
import type { Path } from './problem.js'
import type { ConditionForm } from './service.js'
import type { Finding } from './sentence.js'

/**
 * Conditions with values as text, as they were written: `007` stays `007`,
 * because Marketo's exports are text too.
 */
export function conditions(
  form: Readonly<Record<string, ConditionForm>>,
  path: Path,
  document: SourceDocument,
): Condition[] {
  return Object.entries(form).map(([field, value]) =>
    condition(field, value, [...path, field], document),
  )
}

function condition(
  field: string,
  form: ConditionForm,
  path: Path,
  document: SourceDocument,
): Condition {
  if (form === null || form === '') return { field, kind: 'empty' }
  if (Array.isArray(form)) {
    const values = form.map(
      (value, index) => document.text([...path, index]) ?? String(value),
    )
    return { field, kind: 'any_of', values }
  }
  if (typeof form === 'object') return { field, kind: 'present' }
  const text = document.text(path) ?? String(form)
  return typeof form === 'string' && form.includes('*')
    ? { field, kind: 'pattern', pattern: text }
    : { field, kind: 'any_of', values: [text] }
}

/** A pattern in a list would be taken as a value and never match. */
export function conditionFindings(
  form: Readonly<Record<string, ConditionForm>>,
  path: Path,
): Finding[] {
  return Object.entries(form).flatMap(([field, value]) => {
    if (!Array.isArray(value)) return []
    return value.flatMap((each, index): Finding[] =>
      typeof each === 'string' && each.includes('*')
        ? [
            {
              path: [...path, field, index],
              part: 'value',
              message:
                'is a pattern in a list of values; write one condition for each pattern.',
            },
          ]
        : [],
    )
  })
}
