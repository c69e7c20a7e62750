import { identifier, relation } from './quote.js'
import type { Queries } from './session.js'

export interface TableName {
  readonly schema: string
  readonly name: string
}

export interface ComponentTables {
  /** (scope, a, b): an edge between two nodes of a scope. */
  readonly edges: TableName
  /** Becomes (scope, node, component); component is its smallest node. */
  readonly into: TableName
}

/**
 * Connected components by edge contraction: in every round each node points
 * at its smallest neighbour, chains of pointers are flattened, and the edges
 * shrink to edges between what they point at. Nodes may be of any ordered
 * type; a chain of 50,000 takes about ten rounds.
 */
export async function components(
  queries: Pick<Queries, 'run' | 'one'>,
  tables: ComponentTables,
): Promise<void> {
  const sql = componentSql(tables)
  try {
    for (const statement of sql.begin) await queries.run(statement)
    while (await holds(queries, sql.hasEdges)) {
      await queries.run(sql.point)
      while (await holds(queries, sql.hasMoved)) {
        for (const statement of sql.flatten) await queries.run(statement)
      }
      for (const statement of sql.contract) await queries.run(statement)
    }
    await queries.run(sql.result)
  } finally {
    // In a failed transaction nothing runs any more, and nothing is left.
    for (const statement of sql.end)
      await queries.run(statement).catch(() => {})
  }
}

async function holds(
  queries: Pick<Queries, 'run' | 'one'>,
  sql: string,
): Promise<boolean> {
  return (await queries.one<{ holds: boolean }>(sql)).holds
}

export interface ComponentSql {
  readonly begin: readonly string[]
  readonly hasEdges: string
  readonly point: string
  readonly hasMoved: string
  readonly flatten: readonly string[]
  readonly contract: readonly string[]
  readonly result: string
  readonly end: readonly string[]
}

/** The exact statements; working tables are temporary. */
export function componentSql({ edges, into }: ComponentTables): ComponentSql {
  const from = relation(edges.schema, edges.name)
  return {
    begin: [
      `create or replace temp table component_edge as
select distinct scope, least(a, b) as a, greatest(a, b) as b
from ${from}
where a <> b`,
      `create or replace temp table component_label as
select scope, a as node, a as component from ${from} where a is not null
union
select scope, b, b from ${from} where b is not null`,
    ],
    hasEdges: 'select count(*) > 0 as holds from component_edge',
    point: `create or replace temp table component_hook as
select scope, b as root, min(a) as target, true as moved
from component_edge
group by scope, b`,
    hasMoved: `select count(*) > 0 as holds from component_hook where moved`,
    flatten: [
      `create or replace temp table component_next as
select
  hook.scope,
  hook.root,
  coalesce(further.target, hook.target) as target,
  further.target is not null as moved
from component_hook as hook
left join component_hook as further
  on further.scope is not distinct from hook.scope
  and further.root = hook.target`,
      'drop table component_hook',
      'alter table component_next rename to component_hook',
    ],
    contract: [
      `create or replace temp table component_next as
select
  label.scope,
  label.node,
  coalesce(hook.target, label.component) as component
from component_label as label
left join component_hook as hook
  on hook.scope is not distinct from label.scope
  and hook.root = label.component`,
      'drop table component_label',
      'alter table component_next rename to component_label',
      `create or replace temp table component_next as
select distinct scope, least(x, y) as a, greatest(x, y) as b
from (
  select
    edge.scope,
    coalesce(low.target, edge.a) as x,
    coalesce(high.target, edge.b) as y
  from component_edge as edge
  left join component_hook as low
    on low.scope is not distinct from edge.scope and low.root = edge.a
  left join component_hook as high
    on high.scope is not distinct from edge.scope and high.root = edge.b
)
where x <> y`,
      'drop table component_edge',
      'alter table component_next rename to component_edge',
    ],
    result: `create or replace table ${relation(into.schema, into.name)} as
select scope, node, component
from component_label
order by scope, component, node`,
    end: ['edge', 'label', 'hook', 'next'].map(
      (name) =>
        `drop table if exists temp.main.${identifier(`component_${name}`)}`,
    ),
  }
}
