/** Splits components whose pairs contradict one another. */
import { leastMean, link, type Link } from '../match/link.js'
import { components, type TableName } from '../warehouse/component.js'
import { relation } from '../warehouse/quote.js'
import type { Queries } from '../warehouse/session.js'

/** Larger components are left whole; nobody merges them without looking. */
export const mostLinked = 100

interface LinkRow {
  readonly scope: string
  readonly component: number
  readonly a: number
  readonly b: number
  readonly weight: number
  readonly is_link: boolean
  readonly is_apart: boolean
}

/**
 * Makes (scope, node, component) of pairs (scope, a, b, weight, is_link,
 * is_apart). Where all pairs between leads that links connect agree they are
 * one cluster; only the pairs of the others are looked at one by one.
 */
export async function linkage(
  queries: Queries,
  { edges, into }: { edges: TableName; into: TableName },
): Promise<void> {
  const whole = { schema: into.schema, name: `${into.name}__whole` }
  const linkTable = { schema: into.schema, name: `${into.name}__link` }
  const linked = relation(linkTable.schema, linkTable.name)
  await queries.run(
    `create or replace table ${linked} as
select scope, a, b from ${relation(edges.schema, edges.name)} where is_link`,
  )
  await components(queries, { edges: linkTable, into: whole })
  await queries.run(`drop table ${linked}`)
  const rows = await queries.rows<LinkRow>(
    doubtful(
      relation(edges.schema, edges.name),
      relation(whole.schema, whole.name),
    ),
  )
  const split = byComponent(rows).flatMap(({ scope, links }) =>
    [...link(links)].map(([node, cluster]) => ({
      scope,
      node,
      component: cluster,
    })),
  )
  await queries.run(
    `create or replace table ${relation(into.schema, into.name)} as
with split as (
  select found.*
  from (
    select unnest(
      cast(cast($1 as json) as struct(scope varchar, node bigint, component bigint)[])
    ) as found
  )
)
select whole.scope, whole.node, coalesce(split.component, whole.component) as component
from ${relation(whole.schema, whole.name)} as whole
left join split using (scope, node)
-- Who is left alone is no cluster.
qualify count(*) over (partition by whole.scope, coalesce(split.component, whole.component)) > 1
order by all`,
    [JSON.stringify(split)],
  )
  await queries.run(`drop table ${relation(whole.schema, whole.name)}`)
}

function doubtful(edges: string, whole: string): string {
  return `with edge as (
  select edge.*, whole.component
  from ${edges} as edge
  join ${whole} as whole on whole.scope = edge.scope and whole.node = edge.a
  join ${whole} as other
    on other.scope = edge.scope
    and other.component = whole.component
    and other.node = edge.b
),
size as (
  select scope, component, count(*) as leads
  from ${whole}
  group by all
),
wrong as (
  select edge.scope, edge.component
  from edge
  join size using (scope, component)
  where size.leads <= ${mostLinked}
  group by all
  having min(edge.weight) < ${leastMean} or bool_or(edge.is_apart)
)
select edge.scope, edge.component, edge.a, edge.b, edge.weight, edge.is_link, edge.is_apart
from edge
semi join wrong using (scope, component)
order by edge.scope, edge.component, edge.a, edge.b`
}

interface Component {
  readonly scope: string
  readonly component: number
  readonly links: Link[]
}

function byComponent(rows: readonly LinkRow[]): Component[] {
  const found = new Map<string, Component>()
  for (const { scope, component, a, b, weight, is_link, is_apart } of rows) {
    const key = `${scope} ${component}`
    const known = found.get(key) ?? { scope, component, links: [] }
    known.links.push({ a, b, weight, isLink: is_link, isApart: is_apart })
    found.set(key, known)
  }
  return [...found.values()]
}
