/** What a template may contain, checked on its syntax tree. */
import type { Helpers } from './helper.js'
import {
  hint,
  type Location,
  type Template,
  TemplateError,
} from './template-error.js'
import {
  blocks,
  type CallNode,
  calledName,
  is,
  isBlock,
  isCall,
  locate,
  pairs,
} from './template-node.js'
import { TextGuard } from './template-text.js'

/** One call of a helper in a template, in the order of the text. */
export interface Call {
  readonly name: string
  readonly params: readonly hbs.AST.Expression[]
  readonly at: Location
}

const refused: Readonly<Record<string, string>> = {
  PartialStatement: 'partials',
  PartialBlockStatement: 'partials',
  Decorator: 'decorators',
  DecoratorBlock: 'inline partials and decorators',
}

export class Lint {
  readonly calls: Call[] = []
  readonly #template: Template
  readonly #helpers: Helpers | null

  /** Without helpers their names are not checked. */
  constructor(template: Template, helpers: Helpers | null) {
    this.#template = template
    this.#helpers = helpers
  }

  check(program: hbs.AST.Program): void {
    this.#program(program, null)
  }

  #program(program: hbs.AST.Program, block: Location | null): void {
    const guard = new TextGuard()
    for (const node of program.body) this.#statement(node, guard)
    if (block !== null) guard.boundary(block)
  }

  #statement(node: hbs.AST.Statement, guard: TextGuard): void {
    const at = locate(this.#template, node)
    if (is(node, 'ContentStatement')) guard.text(node.value)
    else if (is(node, 'MustacheStatement')) {
      this.#mustache(node, at)
      guard.value(at)
    } else if (is(node, 'BlockStatement')) {
      guard.split(at)
      this.#block(node, at)
    } else if (!is(node, 'CommentStatement')) {
      throw new TemplateError(
        at,
        `${refused[node.type] ?? node.type} are not part of models' templates; write a model and ref it instead.`,
      )
    }
  }

  #mustache(node: hbs.AST.MustacheStatement, at: Location): void {
    if (!node.escaped) {
      throw new TemplateError(
        at,
        'triple braces and {{& would put a value into SQL unquoted; write {{value}} for a literal or {{ident value}} for a name.',
      )
    }
    if (isCall(node)) this.#call(node, at)
    else if (!is(node.path, 'PathExpression')) {
      throw new TemplateError(
        at,
        'this is not the name of a value; write a constant as plain SQL, without braces.',
      )
    }
  }

  #call(node: CallNode, at: Location): void {
    const name = calledName(node.path)
    if (name === null || isBlock(name)) {
      throw new TemplateError(
        at,
        `${name === null ? 'a path' : `the block ${name}`} cannot be called with arguments; only a helper can.`,
      )
    }
    if (this.#helpers !== null && !Object.hasOwn(this.#helpers, name)) {
      throw new TemplateError(
        at,
        `there is no helper ${name}.${hint(name, Object.keys(this.#helpers))}`,
      )
    }
    this.calls.push({ name, params: node.params, at })
    for (const param of node.params) this.#expression(param)
    for (const { value } of pairs(node)) this.#expression(value)
  }

  #expression(node: hbs.AST.Expression): void {
    const at = locate(this.#template, node)
    if (is(node, 'SubExpression')) this.#call(node, at)
    if (node.type === 'UndefinedLiteral') {
      throw new TemplateError(at, 'undefined is not a value; write null.')
    }
  }

  #block(node: hbs.AST.BlockStatement, at: Location): void {
    const name = calledName(node.path)
    if (!isBlock(name) || this.#isRaw(node)) {
      throw new TemplateError(
        at,
        `only the blocks ${blocks.join(', ')} exist, written {{#each list}}…{{/each}}.`,
      )
    }
    const [param] = node.params
    const program: hbs.AST.Program | undefined = node.program
    const inverse: hbs.AST.Program | undefined = node.inverse
    const hasNames = [program, inverse].some(
      (each) => (each?.blockParams?.length ?? 0) > 0,
    )
    if (
      param === undefined ||
      node.params.length > 1 ||
      pairs(node).length > 0 ||
      hasNames
    ) {
      throw new TemplateError(
        at,
        `${name} takes exactly one value, no options and no "as |name|".`,
      )
    }
    this.#expression(param)
    if (program !== undefined) this.#program(program, at)
    if (inverse !== undefined) this.#program(inverse, at)
  }

  /** `{{{{each x}}}}` would keep its text from being read. */
  #isRaw(node: hbs.AST.Node): boolean {
    const { line, column } = node.loc.start
    const text = this.#template.text.split('\n')[line - 1] ?? ''
    return text.slice(column).startsWith('{{{{')
  }
}
