/** What the engine would run, as plain statements in order. */
import type { Compiled } from '../../src/model/compile.js'
import {
  type ComponentSql,
  componentSql,
} from '../../src/warehouse/component.js'
import { identifier, relation } from '../../src/warehouse/quote.js'

export interface Statements {
  readonly schemas: readonly string[]
  readonly models: readonly {
    readonly name: string
    readonly sql: string
    /** What follows where the select gives the edges of components. */
    readonly components: ComponentSql | null
  }[]
  readonly tests: readonly string[]
}

export function statementsOf(compiled: Compiled): Statements {
  const models = [...compiled.models.values()]
  const schemas = new Set(models.map(({ model }) => model.relation.schema))
  return {
    schemas: [...schemas].map(
      (schema) => `create schema if not exists ${identifier(schema)}`,
    ),
    models: models.map(({ model, sql }) => {
      const { schema, name } = model.relation
      const isComponent = ['component', 'linkage'].includes(model.materialized)
      const edges = { schema, name: `${name}__edge` }
      const made = isComponent ? edges : model.relation
      const kind = model.materialized === 'view' ? 'view' : 'table'
      return {
        name,
        sql: `create or replace ${kind} ${relation(schema, made.name)} as (\n${sql}\n)`,
        components: isComponent
          ? componentSql({ edges, into: model.relation })
          : null,
      }
    }),
    tests: compiled.tests.map(
      ({ sql }) => `select count(*) as failures from (\n${sql}\n)`,
    ),
  }
}
