/** A project with its templates rendered: SQL, lineage, order. */
import { identifier, literal, relation } from '../warehouse/quote.js'
import { type Graph, graphOf } from './graph.js'
import type { Helpers, Variables } from './helper.js'
import type { Model, ModelTest, Scalar } from './model.js'
import { type Project, projectResolver, projectTests } from './project.js'
import { leadTest, type Requirements } from './requirement.js'
import { type RenderEnvironment, renderModel } from './template.js'
import type { SourceName } from './template.js'

export interface CompiledModel {
  readonly model: Model
  readonly sql: string
  /** Names of the models that it reads. */
  readonly refs: readonly string[]
  readonly sources: readonly SourceName[]
  /** Columns that services name, and who; empty for most models. */
  readonly required: ReadonlyMap<string, string>
}

export interface CompiledTest {
  readonly test: ModelTest
  /** Returns the rows that should not be. */
  readonly sql: string
  readonly refs: readonly string[]
}

export interface Compiled {
  readonly project: Project
  /** In the order in which they can be built. */
  readonly models: ReadonlyMap<string, CompiledModel>
  readonly tests: readonly CompiledTest[]
  readonly graph: Graph
}

export interface CompileOptions {
  /** Plain values; see the template engine for how they reach SQL. */
  readonly context: unknown
  readonly helpers: Helpers
  readonly variables?: Variables
  readonly requirements?: Requirements
}

/**
 * Renders every model and test.
 * @throws PipelineError (exit 3) that names template, line and column, or the
 * cycle that models form
 */
export function compileProject(
  project: Project,
  options: CompileOptions,
): Compiled {
  const environment: RenderEnvironment = {
    helpers: options.helpers,
    resolver: projectResolver(project),
    variables: options.variables ?? {},
  }
  const rendered = [...project.models.values()].map((model) => ({
    model,
    ...renderModel(model.template, options.context, environment),
    required: options.requirements?.get(model.name) ?? new Map(),
  }))
  const graph = graphOf(
    new Map(rendered.map(({ model, refs }) => [model.name, refs])),
  )
  const byName = new Map(rendered.map((each) => [each.model.name, each]))
  const ordered = graph.order.flatMap((name) => byName.get(name) ?? [])
  return {
    project,
    models: new Map(ordered.map((each) => [each.model.name, each])),
    tests: [...leadTests(ordered), ...projectTests(project)].map((test) =>
      compileTest(project, test, options.context, environment),
    ),
    graph,
  }
}

function leadTests(models: readonly CompiledModel[]): ModelTest[] {
  return models.flatMap(({ model, required }) =>
    required.size === 0 ? [] : [leadTest(model)],
  )
}

function compileTest(
  project: Project,
  test: ModelTest,
  context: unknown,
  environment: RenderEnvironment,
): CompiledTest {
  if (test.kind === 'sql') {
    const { sql, refs } = renderModel(test.template, context, environment)
    return { test, sql, refs: [...new Set([test.model, ...refs])] }
  }
  const refs =
    test.kind === 'relationships' ? [test.model, test.to] : [test.model]
  return { test, sql: builtInTest(project, test), refs }
}

function tableOf(project: Project, model: string): string {
  const found = project.models.get(model)?.relation
  return found === undefined
    ? identifier(model)
    : relation(found.schema, found.name)
}

function scalar(value: Scalar): string {
  return typeof value === 'string' ? literal(value) : String(value)
}

function builtInTest(
  project: Project,
  test: Exclude<ModelTest, { kind: 'sql' }>,
): string {
  const table = tableOf(project, test.model)
  switch (test.kind) {
    case 'unique': {
      const columns = test.columns.map(identifier)
      const present = columns.map((column) => `${column} is not null`)
      return `select ${columns.join(', ')}, count(*) as rows\nfrom ${table}\nwhere ${present.join(' and ')}\ngroup by ${columns.join(', ')}\nhaving count(*) > 1`
    }
    case 'not_null':
      return `select *\nfrom ${table}\nwhere ${identifier(test.column)} is null`
    case 'accepted_values': {
      const column = identifier(test.column)
      return `select ${column}, count(*) as rows\nfrom ${table}\nwhere ${column} is not null and ${column} not in (${test.values.map(scalar).join(', ')})\ngroup by ${column}`
    }
    case 'relationships': {
      const column = identifier(test.column)
      const other = tableOf(project, test.to)
      return `select child.${column}\nfrom ${table} as child\nwhere child.${column} is not null\nand child.${column} not in (select ${identifier(test.field)} from ${other} where ${identifier(test.field)} is not null)`
    }
  }
}
