/** The services of a pipeline file as a form. */
import type { Edit } from '../pipeline/edit-text.js'
import type { YamlValue } from '../pipeline/edit-value.js'
import { type Input, scalarOf, textOf, valueAt } from './settings-form.js'

export interface ServiceForm {
  readonly name: string
  readonly type: string
  readonly isOn: boolean
  readonly list: 'all' | 'static' | 'smart'
  /** The list as the file names it. */
  readonly listName: string
  readonly listId: string
  /** Every number in its rules that says how sure or how alike. */
  readonly thresholds: readonly Input[]
}

export function servicesOf(file: unknown): ServiceForm[] {
  const services = valueAt(file, ['services'])
  if (typeof services !== 'object' || services === null) return []
  return Object.keys(services).map((name) => serviceOf(name, file))
}

function serviceOf(name: string, file: unknown): ServiceForm {
  const at = (...path: (string | number)[]) =>
    valueAt(file, ['services', name, ...path])
  const [statics, smart] = [at('list', 'static'), at('list', 'smart')]
  const list =
    statics !== undefined ? 'static' : smart !== undefined ? 'smart' : 'all'
  return {
    name,
    type: textOf(at('type')),
    isOn: at('enabled') !== false,
    list,
    listName: textOf(statics ?? smart),
    listId: name.replaceAll(/\W/g, '-'),
    thresholds: thresholdsOf(name, file),
  }
}

function thresholdsOf(name: string, file: unknown): Input[] {
  const base = ['services', name]
  const match = valueAt(file, [...base, 'match'])
  const rules: readonly unknown[] = Array.isArray(match) ? match : []
  const similar = rules.flatMap((rule, index) => {
    const keys = valueAt(rule, ['similar'])
    if (typeof keys !== 'object' || keys === null) return []
    return Object.keys(keys).map((key) => ({
      path: [...base, 'match', index, 'similar', key],
      label: `match ${index + 1}: ${key} at least`,
      hint: 'From 0 to 1; the higher, the more alike both must be.',
    }))
  })
  const auto = valueAt(file, [...base, 'auto'])
  const isAuto = match === 'auto' || auto !== undefined
  const probable = ['merge', 'review'].map((key) => ({
    path: [...base, 'auto', key],
    label: `${key} from`,
    hint:
      key === 'merge'
        ? 'Probability from which leads are merged; 97% where it is empty.'
        : 'Probability from which a person decides; 50% where it is empty.',
  }))
  const isDomain = valueAt(file, [...base, 'type']) === 'domain'
  const sure = {
    path: [...base, 'confidence'],
    label: 'suggest from',
    hint: 'How sure a suggestion must be, 0 to 1; 0.8 where it is empty.',
  }
  return [
    ...similar,
    ...(isAuto ? probable : []),
    ...(isDomain ? [sure] : []),
  ].map(({ path, label, hint }) => ({
    name: path.join('.'),
    path,
    label,
    hint,
    kind: 'text',
    value: textOf(valueAt(file, path)),
    choices: [],
  }))
}

/** What the form of one service asks for. */
export function serviceEdits(
  service: ServiceForm,
  form: URLSearchParams,
): Edit[] {
  const base = ['services', service.name]
  const isOn = form.get('enabled') !== 'false'
  const wanted = listOf(form)
  const before = listValue(service.list, service.listName)
  const thresholds = service.thresholds.flatMap((input): Edit[] => {
    const typed = form.get(input.name)?.trim()
    if (typed === undefined || typed === input.value) return []
    const value = typed === '' ? undefined : scalarOf(typed)
    return [{ path: input.path, value }]
  })
  return [
    ...(isOn === service.isOn
      ? []
      : [
          {
            path: [...base, 'enabled'],
            value: isOn ? undefined : false,
            after: 'type',
          },
        ]),
    ...(JSON.stringify(wanted) === JSON.stringify(before)
      ? []
      : [{ path: [...base, 'list'], value: wanted, after: 'type' }]),
    ...thresholds,
  ]
}

function listOf(form: URLSearchParams): YamlValue | undefined {
  return listValue(form.get('list') ?? 'all', form.get('list_name') ?? '')
}

function listValue(kind: string, name: string): YamlValue | undefined {
  if (kind !== 'static' && kind !== 'smart') return undefined
  return { [kind]: scalarOf(name.trim()) }
}
