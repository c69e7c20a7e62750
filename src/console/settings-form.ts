/** Forms for parts of a pipeline file, made from the schema of the file. */
import type { Edit } from '../pipeline/edit-text.js'
import type { YamlValue } from '../pipeline/edit-value.js'
import { pipelineJsonSchema } from '../pipeline/json-schema.js'

export interface Input {
  /** Of the form's field: the path in the file, dotted. */
  readonly name: string
  readonly path: readonly (string | number)[]
  readonly label: string
  readonly hint: string
  readonly kind: 'text' | 'list' | 'choice'
  /** What the file says; empty: nothing. */
  readonly value: string
  readonly choices: readonly Choice[]
}

export interface Choice {
  readonly value: string
  readonly text: string
  readonly isChosen: boolean
}

type Json = Readonly<Record<string, unknown>>

function member(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return new Map<string, unknown>(Object.entries(value)).get(String(key))
}

/** What stands at a path of a file's value. */
export function valueAt(
  value: unknown,
  path: readonly (string | number)[],
): unknown {
  return path.reduce<unknown>(member, value)
}

let schema: Record<string, unknown> | null = null

/** Made once: it is large, and never changes. */
function fileSchema(): Record<string, unknown> {
  schema ??= pipelineJsonSchema()
  return schema
}

function schemaAt(path: readonly string[]): Json | null {
  const found = path.reduce<unknown>((rule, key) => {
    const here = member(member(rule, 'properties'), key)
    if (here !== undefined) return here
    const any = member(rule, 'anyOf')
    const options: readonly unknown[] = Array.isArray(any) ? any : []
    return options
      .map((option) => member(member(option, 'properties'), key))
      .findLast((option) => option !== undefined)
  }, fileSchema())
  return typeof found === 'object' && found !== null
    ? Object.fromEntries(Object.entries(found))
    : null
}

/**
 * Inputs for the simple keys under a path: texts, numbers, words, lists of
 * texts. What is more than that is edited as text.
 */
export function inputsUnder(path: readonly string[], file: unknown): Input[] {
  const properties = member(schemaAt(path), 'properties')
  if (typeof properties !== 'object' || properties === null) return []
  return Object.keys(properties).flatMap((key) => inputAt([...path, key], file))
}

export function inputAt(path: readonly string[], file: unknown): Input[] {
  const rule = schemaAt(path)
  const kind = rule === null ? null : kindOf(rule)
  if (rule === null || kind === null) return []
  const found = valueAt(file, path)
  const value = textOf(found)
  const label = String(path.at(-1))
    .replaceAll('_', ' ')
    .replace(/\b(mb|crm)\b/, (word) => word.toUpperCase())
  const hint = member(rule, 'description')
  return [
    {
      name: path.join('.'),
      path,
      label: `${label.charAt(0).toUpperCase()}${label.slice(1)}`,
      hint: typeof hint === 'string' ? hint : '',
      kind,
      value,
      choices: kind === 'choice' ? choicesOf(rule, value) : [],
    },
  ]
}

function kindOf(rule: Json): Input['kind'] | null {
  const options = [rule, ...listOf(rule['anyOf'])]
  if (options.some((option) => Array.isArray(member(option, 'enum')))) {
    return 'choice'
  }
  if (rule['type'] === 'boolean') return 'choice'
  const types = options.map((option) => member(option, 'type'))
  if (types.includes('array')) {
    const items = [rule['items'], ...listOf(member(rule['items'], 'anyOf'))]
    const hasText = items.some((item) => member(item, 'type') === 'string')
    return hasText ? 'list' : null
  }
  const isScalar = types.some((type) =>
    ['string', 'number', 'integer'].includes(String(type)),
  )
  return isScalar && !types.includes('object') ? 'text' : null
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function choicesOf(rule: Json, value: string): Choice[] {
  const words = [rule, ...listOf(rule['anyOf'])].flatMap((option) =>
    listOf(member(option, 'enum')),
  )
  const all = words.length > 0 ? words.map(String) : ['true', 'false']
  return ['', ...all].map((word) => ({
    value: word,
    text: word === '' ? 'as by default' : word,
    isChosen: word === value,
  }))
}

/** As a person would type it. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.map(textOf).join(', ')
  if (typeof value === 'string') return value
  const [from, to] = [member(value, 'from'), member(value, 'to')]
  if (typeof from === 'string' && typeof to === 'string')
    return `${from} to ${to}`
  return JSON.stringify(value)
}

/** The edits that a form asks for; what it does not change is left out. */
export function editsOf(
  inputs: readonly Input[],
  form: URLSearchParams,
  file: unknown,
): Edit[] {
  const edits = inputs.flatMap((input): Edit[] => {
    const typed = form.get(input.name)?.trim()
    if (typed === undefined || typed === input.value) return []
    return [{ path: input.path, value: parsed(typed, input) }]
  })
  return gathered(edits, file)
}

function parsed(typed: string, { kind }: Input): YamlValue | undefined {
  if (typed === '') return undefined
  if (kind === 'list') return itemsOf(typed)
  if (kind === 'choice') {
    return typed === 'true' || typed === 'false' ? typed === 'true' : typed
  }
  return scalarOf(typed)
}

/** `2026-12-24 to 2026-12-31` is a range of days. */
function itemsOf(typed: string): YamlValue[] {
  return typed
    .split(/[,\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => {
      const [, from, to] = /^(\d{4}-\d\d-\d\d) to (\S+)$/.exec(item) ?? []
      return from === undefined || to === undefined ? item : { from, to }
    })
}

/** A number where it is written as one; the validator judges the rest. */
export function scalarOf(typed: string): string | number {
  return /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(typed) ? Number(typed) : typed
}

/** Keys of a mapping that is not there yet are written as one mapping. */
function gathered(edits: readonly Edit[], file: unknown): Edit[] {
  const made = new Map<string, Edit>()
  for (const edit of edits) {
    const parent = edit.path.slice(0, -1)
    const isNew =
      parent.length > 0 &&
      edit.value !== undefined &&
      valueAt(file, parent) === undefined
    const key = JSON.stringify(isNew ? parent : edit.path)
    const held = Object.entries(made.get(key)?.value ?? {})
    const own = [String(edit.path.at(-1)), edit.value] as const
    const value = Object.fromEntries<YamlValue | undefined>([...held, own])
    made.set(key, isNew ? { path: parent, value } : edit)
  }
  return [...made.values()]
}
