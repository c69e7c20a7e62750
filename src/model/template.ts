/**
 * Handlebars made safe for SQL. Only its parser is used: the syntax tree is
 * checked and then rendered here, so that a value can reach SQL only as a
 * quoted literal or through a helper, and nothing is looked up twice.
 */
import Handlebars from 'handlebars'
import { asError } from '../error.js'
import {
  genericHelpers,
  type Helpers,
  ownSchema,
  type Resolver,
  type Variables,
} from './helper.js'
import { remembered } from './memory.js'
import {
  type Location,
  locationIn,
  type Template,
  TemplateError,
} from './template-error.js'
import { Lint } from './template-lint.js'
import { is } from './template-node.js'
import { parseError } from './template-parse.js'
import { Rendering } from './template-render.js'

export type { Template } from './template-error.js'

export interface SourceName {
  readonly schema: string
  readonly table: string
}

export interface RenderEnvironment {
  /** Beside ident, lit, list, ref, source and var, which always exist. */
  readonly helpers: Helpers
  readonly resolver: Resolver
  readonly variables?: Variables
}

/** SQL and what it reads, each named once, in the order of first use. */
export interface Rendered {
  readonly sql: string
  readonly refs: readonly string[]
  readonly sources: readonly SourceName[]
}

export interface Use {
  readonly kind: 'ref' | 'source'
  readonly name: string
  readonly at: Location
}

/** What a template reads as far as its text tells. */
export interface StaticReferences {
  readonly refs: readonly string[]
  readonly sources: readonly SourceName[]
  /** Every place that names one; sources as `schema.table`. */
  readonly uses: readonly Use[]
  /** Calls of ref and source that a value names. */
  readonly dynamic: readonly Location[]
}

function parse(template: Template): hbs.AST.Program {
  const lines = template.text.split('\n')
  const odd = lines.findIndex((line) => lost.test(line))
  if (odd !== -1) {
    throw new TemplateError(
      locationIn(template, odd + 1, (lines[odd] ?? '').search(lost)),
      'a backslash before {{ and a NUL character do not survive in a template; leave them out.',
    )
  }
  try {
    return programOf(template.text)
  } catch (error) {
    throw parseError(template, asError(error))
  }
}

const programOf = remembered((text) => Handlebars.parse(text))

/** What Handlebars' parser would drop. */
const lost = /\\\{\{|\0/

function unique(sources: readonly SourceName[]): SourceName[] {
  const byName = new Map(
    sources.map((each) => [JSON.stringify([each.schema, each.table]), each]),
  )
  return [...byName.values()]
}

/**
 * SQL of a model in a context of plain values.
 * @throws TemplateError (exit 3) with line and column
 */
export function renderModel(
  template: Template,
  context: unknown,
  { helpers, resolver, variables }: RenderEnvironment,
): Rendered {
  const refs: string[] = []
  const sources: SourceName[] = []
  const recording: Resolver = {
    ref: (model, at) => {
      const found = resolver.ref(model, at)
      refs.push(model)
      return found
    },
    source: (schema, table, at) => {
      const found = resolver.source(schema, table, at)
      sources.push({ schema, table })
      return found
    },
  }
  const all = { ...helpers, ...genericHelpers(recording, variables) }
  const program = parse(template)
  new Lint(template, all).check(program)
  const sql = new Rendering(template, all).render(program, context)
  return { sql, refs: [...new Set(refs)], sources: unique(sources) }
}

function textOf(node: hbs.AST.Expression | undefined): string | null {
  return node !== undefined && is(node, 'StringLiteral') ? node.value : null
}

/** Lineage without a context; branches that never render count too. */
export function staticReferences(template: Template): StaticReferences {
  const lint = new Lint(template, null)
  lint.check(parse(template))
  const refs = new Set<string>()
  const sources: SourceName[] = []
  const uses: Use[] = []
  const dynamic: Location[] = []
  for (const { name, params, at } of lint.calls) {
    const [first = null, second = null] = params.map(textOf)
    if (name === 'ref' && first !== null) {
      refs.add(first)
      uses.push({ kind: 'ref', name: first, at })
    } else if (name === 'source' && first !== null && second !== null) {
      sources.push({ schema: first, table: second })
      uses.push({ kind: 'source', name: `${first}.${second}`, at })
    } else if (name === 'source' && first !== null && params.length === 1) {
      sources.push({ schema: ownSchema, table: first })
      uses.push({ kind: 'source', name: `${ownSchema}.${first}`, at })
    } else if (name === 'ref' || name === 'source') dynamic.push(at)
  }
  return { refs: [...refs], sources: unique(sources), uses, dynamic }
}
