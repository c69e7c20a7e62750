/**
 * What template helpers are, and those that know nothing of rules: names,
 * values and relations.
 */
import { identifier, literal, relation } from '../warehouse/quote.js'
import { Sql } from './sql.js'
import { hint, type Location, TemplateError } from './template-error.js'

export type { Location } from './template-error.js'

export interface HelperCall {
  readonly args: readonly unknown[]
  readonly named: Readonly<Record<string, unknown>>
  readonly at: Location
}

export type Helper = (call: HelperCall) => Sql
export type Helpers = Readonly<Record<string, Helper>>

/** A table or view of the warehouse. */
export interface Relation {
  readonly schema: string
  readonly name: string
}

/** Turns names of models and sources into relations; throws on others. */
export interface Resolver {
  readonly ref: (model: string, at: Location) => Relation
  readonly source: (schema: string, table: string, at: Location) => Relation
}

/** The schema of the sources that a pipeline file declares. */
export const ownSchema = 'source'

export type Variables = Readonly<Record<string, unknown>>

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Sql) return "a helper's SQL"
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** A negative number in brackets: `1 -{{n}}` must not become a comment. */
function number(value: number | bigint): string {
  return value < 0 || Object.is(value, -0) ? `(${value})` : String(value)
}

function scalar(value: unknown): string | null {
  if (value === null) return 'null'
  if (typeof value === 'string') return literal(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return number(value)
  if (typeof value === 'number' && Number.isFinite(value)) return number(value)
  return null
}

/** `x in ()` is no SQL, and `(null)` would make `not in` empty. */
const emptyList = '(select null where false)'

/**
 * A value as SQL literal; a list as `('a', 'b')`.
 * @throws TemplateError for objects, SQL and numbers that are not finite
 */
export function literalOf(value: unknown, at: Location): Sql {
  const text = Array.isArray(value)
    ? listOf(value, at)
    : scalarOf(value, at, 'a value')
  return new Sql(text)
}

function listOf(values: readonly unknown[], at: Location): string {
  if (values.length === 0) return emptyList
  const items = values.map((item) => scalarOf(item, at, 'an item of a list'))
  return `(${items.join(', ')})`
}

function scalarOf(value: unknown, at: Location, role: string): string {
  const text = scalar(value)
  if (text !== null) return text
  throw new TemplateError(
    at,
    `${kindOf(value)} cannot be ${role} in SQL; name a text, a number, true, false or null, for example with a dot and the name inside it.`,
  )
}

/** The only arguments of a call, which must all be texts. */
function texts(name: string, call: HelperCall, wanted: readonly string[]) {
  const given = call.args.filter((each) => typeof each === 'string')
  if (given.length === call.args.length && given.length === wanted.length) {
    return given
  }
  const shape = wanted.map((each) => `"${each}"`).join(' ')
  throw new TemplateError(
    call.at,
    `${name} needs exactly ${wanted.length === 1 ? 'one text' : `${wanted.length} texts`}: {{${name} ${shape}}}.`,
  )
}

function one(name: string, { args, at }: HelperCall): unknown {
  if (args.length === 1) return args[0]
  throw new TemplateError(at, `${name} needs exactly one argument.`)
}

function list(call: HelperCall): Sql {
  const value = one('list', call)
  if (Array.isArray(value)) return literalOf(value, call.at)
  throw new TemplateError(
    call.at,
    `list needs a list and got ${kindOf(value)}; for a single value write it without a helper.`,
  )
}

function variable(call: HelperCall, variables: Variables): Sql {
  const { args, at } = call
  const [name] = texts('var', { ...call, args: args.slice(0, 1) }, ['name'])
  if (name !== undefined && Object.hasOwn(variables, name)) {
    return literalOf(variables[name], at)
  }
  if (args.length === 2) return literalOf(args[1], at)
  throw new TemplateError(
    at,
    `the variable "${name}" is not set; set it, or give a default as second argument.${hint(String(name), Object.keys(variables))}`,
  )
}

/** ident, lit, list, ref, source and var. */
export function genericHelpers(
  resolver: Resolver,
  variables: Variables = {},
): Helpers {
  return {
    ident: (call) =>
      new Sql(texts('ident', call, ['name']).map(identifier).join('')),
    lit: (call) => literalOf(one('lit', call), call.at),
    list,
    ref: (call) => {
      const [model = ''] = texts('ref', call, ['model'])
      const { schema, name } = resolver.ref(model, call.at)
      return new Sql(relation(schema, name))
    },
    source: (call) => {
      const [from = '', table = ''] =
        call.args.length === 1
          ? [ownSchema, ...texts('source', call, ['name'])]
          : texts('source', call, ['schema', 'table'])
      const { schema, name } = resolver.source(from, table, call.at)
      return new Sql(relation(schema, name))
    },
    var: (call) => variable(call, variables),
  }
}
