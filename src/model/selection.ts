/** dbt's way to name models: `+cluster`, `tag:contract`, `path:models/load`. */
import { badInput } from '../error.js'
import { didYouMean, quoted } from '../pipeline/problem.js'
import type { Graph } from './graph.js'
import { hint } from './template-error.js'

/** What a selection knows of a model. */
export interface Selectable {
  readonly name: string
  readonly tags: readonly string[]
  /** Under models, without the ending: `dedupe/cluster`. */
  readonly path: string
}

export interface Selection {
  /** Unions; each may hold several, separated by spaces. None: all. */
  readonly select: readonly string[]
  readonly exclude: readonly string[]
}

interface Term {
  readonly written: string
  readonly method: 'name' | 'tag' | 'path'
  readonly value: string
  /** How many steps to go; 0: none. */
  readonly up: number
  readonly down: number
}

function wrong(written: string, why: string): Error {
  return badInput('bad_selection', `The selection ${quoted(written)} ${why}`)
}

function steps(plus: string | undefined, count: string | undefined): number {
  if (plus === undefined) return 0
  return count === undefined || count === '' ? Infinity : Number(count)
}

const termPattern =
  /^(?:(?<up>\d*)(?<before>\+))?(?<body>[^+,\s]+?)(?:(?<after>\+)(?<down>\d*))?$/

function parseTerm(written: string): Term {
  const parts = termPattern.exec(written)?.groups
  const body = parts?.['body']
  if (parts === undefined || body === undefined) {
    throw wrong(
      written,
      'cannot be read; write a name, tag:NAME or path:FOLDER, with + before it for what it reads and + after it for what reads it.',
    )
  }
  const [, prefix, value = ''] = /^(?:([^:]*):)?(.*)$/.exec(body) ?? []
  const method = prefix ?? 'name'
  if (method !== 'name' && method !== 'tag' && method !== 'path') {
    throw wrong(
      written,
      `begins with ${method}:, which is not known.${didYouMean(method, ['tag', 'path'])} Known are tag:NAME and path:FOLDER.`,
    )
  }
  return {
    written,
    method,
    value,
    up: steps(parts['before'], parts['up']),
    down: steps(parts['after'], parts['down']),
  }
}

/** `*` is any text and `?` any letter; everything else is itself. */
function matcher(pattern: string): (text: string) => boolean {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const expression = new RegExp(`^${source}$`, 'u')
  return (text) => expression.test(text)
}

/** `models/dedupe` and `models/dedupe/cluster.sql`, from the outside in. */
function places(path: string): string[] {
  const parts = `models/${path}.sql`.split('/')
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** What a term may call this model by. */
function names(method: Term['method'], model: Selectable): readonly string[] {
  if (method === 'tag') return model.tags
  if (method === 'path') return places(model.path)
  // As in dbt, a folder stands for its models.
  const parts = model.path.split('/')
  const folders = parts.map((_, end) => parts.slice(0, end + 1).join('.'))
  return [model.name, ...folders]
}

function matched(term: Term, models: readonly Selectable[]): string[] {
  const isMatch = matcher(
    term.method === 'path' ? term.value.replace(/\/+$/, '') : term.value,
  )
  const found = models.filter((model) =>
    names(term.method, model).some(isMatch),
  )
  if (found.length > 0) return found.map(({ name }) => name)
  const candidates = models.flatMap((model) => names(term.method, model))
  const help = hint(term.value, [...new Set(candidates)])
  throw wrong(term.written, `matches no model.${help}`)
}

function termSet(
  written: string,
  models: readonly Selectable[],
  graph: Graph,
): Set<string> {
  const term = parseTerm(written)
  const found = new Set<string>()
  for (const name of matched(term, models)) {
    found.add(name)
    for (const each of graph.ancestors(name, term.up)) found.add(each)
    for (const each of graph.descendants(name, term.down)) found.add(each)
  }
  return found
}

function intersection(
  written: string,
  models: readonly Selectable[],
  graph: Graph,
): Set<string> {
  const [first = new Set<string>(), ...others] = written
    .split(',')
    .map((term) => termSet(term, models, graph))
  const common = [...first].filter((name) =>
    others.every((set) => set.has(name)),
  )
  if (common.length > 0) return new Set(common)
  throw wrong(
    written,
    'matches no model: its parts have none in common. A space instead of the comma selects the models of all parts.',
  )
}

function union(
  written: readonly string[],
  models: readonly Selectable[],
  graph: Graph,
): Set<string> {
  const parts = written.flatMap((each) => each.split(/\s+/)).filter(Boolean)
  return new Set(
    parts.flatMap((each) => [...intersection(each, models, graph)]),
  )
}

/**
 * Names of the selected models, in the graph's order.
 * @throws PipelineError (exit 3) where a part of it, or all, matches nothing
 */
export function selectModels(
  { select, exclude }: Selection,
  models: readonly Selectable[],
  graph: Graph,
): string[] {
  const wanted = union(select, models, graph)
  const unwanted = union(exclude, models, graph)
  const isNamed = select.some((each) => each.trim() !== '')
  const left = graph.order.filter(
    (name) => (!isNamed || wanted.has(name)) && !unwanted.has(name),
  )
  if (left.length > 0) return left
  throw wrong(
    select.join(' ') || '*',
    `matches no model${exclude.length > 0 ? ` that ${quoted(exclude.join(' '))} does not exclude` : ''}.`,
  )
}
