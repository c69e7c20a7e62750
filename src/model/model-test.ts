/** Tests of a model, from the forms that its YAML writes them in. */
import type { Position } from '../pipeline/problem.js'
import type { ModelTest, Severity } from './model.js'
import type { ColumnTestForm, ModelForm } from './model-schema.js'
import { staticReferences } from './template.js'

export interface Place {
  readonly model: string
  /** The YAML file. */
  readonly file: string
  readonly text: string
  locate(path: readonly (string | number)[]): Position
}

function columnTest(
  form: ColumnTestForm,
  column: string,
  place: Place,
  at: Position,
): ModelTest[] {
  const { model } = place
  const base = (kind: string, severity: Severity = 'error') => ({
    name: `${kind}_${model}_${column}`,
    model,
    severity,
    at,
  })
  if (typeof form === 'string') {
    return form === 'unique'
      ? [{ ...base(form), kind: form, columns: [column] }]
      : [{ ...base(form), kind: form, column }]
  }
  const { unique, not_null, accepted_values, relationships } = form
  const found: ModelTest[] = []
  if (unique !== undefined) {
    const { severity } = unique
    found.push({
      ...base('unique', severity),
      kind: 'unique',
      columns: [column],
    })
  }
  if (not_null !== undefined) {
    const { severity } = not_null
    found.push({ ...base('not_null', severity), kind: 'not_null', column })
  }
  if (accepted_values !== undefined) {
    const { values, severity } = accepted_values
    const kind = 'accepted_values'
    found.push({ ...base(kind, severity), kind, column, values })
  }
  if (relationships !== undefined) {
    const { to, field, severity } = relationships
    const kind = 'relationships'
    const { name, ...rest } = base(kind, severity)
    found.push({ ...rest, name: `${name}__${to}`, kind, column, to, field })
  }
  return found
}

/** SQL in YAML begins under its `|`, indented. */
function sqlStart(place: Place, path: readonly (string | number)[]): Position {
  const written = place.locate(path)
  const lines = place.text.split('\n')
  const head = (lines[written.line - 1] ?? '').slice(written.column - 1)
  if (!/^[|>]/.test(head)) {
    const isQuoted = /^["']/.test(head)
    return { ...written, column: written.column + (isQuoted ? 1 : 0) }
  }
  const first = lines[written.line] ?? ''
  return { line: written.line + 1, column: first.search(/\S|$/) + 1 }
}

function modelTest(
  form: ModelForm['tests'][number],
  index: number,
  place: Place,
): ModelTest {
  const { model, file } = place
  const base = { model, severity: form.severity }
  const at = place.locate(['tests', index])
  if (form.unique !== undefined) {
    const columns = form.unique
    const name = `unique_${model}_${columns.join('_')}`
    return { ...base, name, at, kind: 'unique', columns }
  }
  const from = sqlStart(place, ['tests', index, 'sql'])
  const template = { file, text: form.sql ?? '', from }
  const references = staticReferences(template)
  const name = form.name ?? ''
  return { ...base, name, at, kind: 'sql', template, references }
}

/**
 * Tests of the columns, then those of the model, in the file's order.
 * @throws TemplateError for SQL that is no template
 */
export function testsOf(form: ModelForm, place: Place): ModelTest[] {
  return [
    ...form.columns.flatMap(({ name, tests }, column) =>
      tests.flatMap((test, index) =>
        columnTest(
          test,
          name,
          place,
          place.locate(['columns', column, 'tests', index]),
        ),
      ),
    ),
    ...form.tests.map((test, index) => modelTest(test, index, place)),
  ]
}
