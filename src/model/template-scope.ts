/** What names mean at a place in a template. */
import { hint, type Location, TemplateError } from './template-error.js'

export interface Scope {
  readonly value: unknown
  /** `@index`, `@first`, `@last` and `@key` of the nearest each. */
  readonly data: Readonly<Record<string, unknown>>
  readonly parent: Scope | null
}

export function rootScope(value: unknown): Scope {
  return { value, data: {}, parent: null }
}

export function inner(scope: Scope, value: unknown, data = scope.data): Scope {
  return { value, data, parent: scope }
}

/** Own names only, so that nothing inherited can be reached. */
function names(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}

function own(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const found = Object.getOwnPropertyDescriptor(value, name)
  return found === undefined ? undefined : found.value
}

function climb(scope: Scope, path: hbs.AST.PathExpression, at: Location) {
  let here: Scope | null = scope
  for (let depth = 0; here !== null && depth < path.depth; depth += 1) {
    here = here.parent
  }
  if (here !== null) return here
  throw new TemplateError(
    at,
    `${path.original} climbs out of the template; only each and with make a level that ../ leaves.`,
  )
}

function missing(
  path: hbs.AST.PathExpression,
  name: string,
  scope: Scope,
  place: unknown,
  at: Location,
): TemplateError {
  const outer = ancestorWith(scope, name)
  const said =
    path.parts[0] === name && outer !== null
      ? ` Did you mean "${outer}${name}"?`
      : hint(name, names(place))
  return new TemplateError(
    at,
    `"${path.original}" is missing: nothing here is called "${name}".${said}`,
  )
}

/** `../../` where a scope further out knows the name. */
function ancestorWith(scope: Scope, name: string): string | null {
  let up = ''
  for (let here: Scope | null = scope; here !== null; here = here.parent) {
    if (own(here.value, name) !== undefined) return up
    up += '../'
  }
  return null
}

/**
 * The value of a path.
 * @throws TemplateError where any part of it is missing
 */
export function lookUp(
  scope: Scope,
  path: hbs.AST.PathExpression,
  at: Location,
): unknown {
  const here = climb(scope, path, at)
  let value = path.data ? here.data : here.value
  for (const name of path.parts) {
    const next = own(value, name)
    if (next === undefined) {
      throw missing(path, name, path.data ? rootScope({}) : scope, value, at)
    }
    value = next
  }
  if (value !== undefined && typeof value !== 'function') return value
  throw new TemplateError(at, `"${path.original}" is not a value.`)
}
