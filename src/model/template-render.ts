/** Renders a template's checked syntax tree. */
import { type Helpers, literalOf } from './helper.js'
import { Sql } from './sql.js'
import {
  helperError,
  type Location,
  type Template,
  TemplateError,
} from './template-error.js'
import {
  type CallNode,
  calledName,
  is,
  isCall,
  locate,
  pairs,
} from './template-node.js'
import { inner, lookUp, rootScope, type Scope } from './template-scope.js'
import { TextGuard } from './template-text.js'

/** What Handlebars takes for false. */
function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : !value
}

/** The scopes in which the body of each renders. */
function items(scope: Scope, value: unknown): Scope[] | null {
  if (value === null) return []
  if (typeof value !== 'object' || value instanceof Sql) return null
  const entries: (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((item: unknown, index) => [index, item] as const)
    : Object.entries(value)
  return entries.map(([key, item], index) =>
    inner(scope, item, {
      index,
      key,
      first: index === 0,
      last: index === entries.length - 1,
    }),
  )
}

/** One rendering of one template. */
export class Rendering {
  readonly #template: Template
  readonly #helpers: Helpers
  readonly #guard = new TextGuard()
  #sql = ''

  constructor(template: Template, helpers: Helpers) {
    this.#template = template
    this.#helpers = helpers
  }

  render(program: hbs.AST.Program, context: unknown): string {
    this.#program(program, rootScope(context))
    return this.#sql
  }

  #program(program: hbs.AST.Program | undefined, scope: Scope): void {
    for (const node of program?.body ?? []) this.#statement(node, scope)
  }

  #statement(node: hbs.AST.Statement, scope: Scope): void {
    if (is(node, 'ContentStatement')) {
      this.#guard.text(node.value)
      this.#sql += node.value
    }
    if (is(node, 'MustacheStatement')) {
      const at = locate(this.#template, node)
      this.#guard.value(at)
      this.#sql += this.#mustache(node, scope, at).text
    }
    if (is(node, 'BlockStatement')) this.#block(node, scope)
  }

  #mustache(node: hbs.AST.MustacheStatement, scope: Scope, at: Location): Sql {
    return isCall(node)
      ? this.#call(node, scope, at)
      : literalOf(this.#value(node.path, scope), at)
  }

  #call(node: CallNode, scope: Scope, at: Location): Sql {
    const name = calledName(node.path) ?? ''
    const args = node.params.map((each) => this.#value(each, scope))
    const named = Object.fromEntries(
      pairs(node).map(({ key, value }) => [key, this.#value(value, scope)]),
    )
    const result = this.#run(name, { args, named, at })
    if (result instanceof Sql) return result
    throw new TemplateError(
      at,
      `the helper ${name} returned something that is not SQL; correct the helper.`,
    )
  }

  #run(name: string, call: Parameters<Helpers[string]>[0]): unknown {
    try {
      return this.#helpers[name]?.(call)
    } catch (error) {
      throw helperError(call.at, name, error)
    }
  }

  #value(node: hbs.AST.Expression, scope: Scope): unknown {
    const at = locate(this.#template, node)
    if (is(node, 'PathExpression')) return lookUp(scope, node, at)
    if (is(node, 'SubExpression')) return this.#call(node, scope, at)
    return 'value' in node ? node.value : null
  }

  #block(node: hbs.AST.BlockStatement, scope: Scope): void {
    const [param] = node.params
    const value = param === undefined ? null : this.#value(param, scope)
    const inside = this.#inside(node, scope, value)
    for (const each of inside) this.#program(node.program, each)
    if (inside.length === 0) this.#program(node.inverse, scope)
  }

  /** Where the body of a block renders; nowhere: its else does. */
  #inside(node: hbs.AST.BlockStatement, scope: Scope, value: unknown): Scope[] {
    const name = calledName(node.path)
    const isFull = !isEmpty(value)
    if (name === 'if') return isFull ? [scope] : []
    if (name === 'unless') return isFull ? [] : [scope]
    if (name === 'with') return isFull ? [inner(scope, value)] : []
    return this.#items(scope, value, locate(this.#template, node))
  }

  #items(scope: Scope, value: unknown, at: Location): Scope[] {
    const found = items(scope, value)
    if (found !== null) return found
    throw new TemplateError(
      at,
      'each needs a list or an object, or null for none; name one.',
    )
  }
}
