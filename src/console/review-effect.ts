/** What decisions change in a plan that was made before them. */
import { existsSync } from 'node:fs'
import { literal } from '../warehouse/quote.js'
import type { PlanFiles } from './plan-search.js'
import type { Project } from './project.js'
import { decisionSql } from './review-queue.js'

export interface Effect {
  readonly merges: number
  /** Merges that stay as they are. */
  readonly same: number
  /** Merges with a lead that is to be left alone. */
  readonly out: number
  /** Merges of leads that are to stay apart. */
  readonly apart: number
  /** Merges in which another lead is to stay. */
  readonly winner: number
  /** Merges in which another value is to stay. */
  readonly value: number
  /** Pairs that are to be merged and are not in one merge of the plan. */
  readonly more: number
}

/**
 * Counted from the plan's own file, so without building anything. A merge is
 * counted once, by the first of out, apart, winner and value.
 */
export async function effectOn(
  project: Project,
  files: PlanFiles,
  decisions: string,
): Promise<Effect | null> {
  if (!existsSync(files.path)) return null
  return await project.files(
    async ({ one }) => await one<Effect>(effectSql(files.path), [decisions]),
  )
}

function effectSql(path: string): string {
  return `
  with ${decisionSql},
  planned as (
    select
      json_extract_string(json, '$.row') as name,
      json_extract_string(json, '$.winner')::bigint as winner,
      json_extract_string(json, '$.losers[*]')::bigint[] as losers,
      json_extract(json, '$.after') as after,
    from read_json_objects(${literal(path)}, format = 'newline_delimited')
    where json_extract_string(json, '$.kind') = 'merge'
  ),
  member as (
    select name, unnest(list_prepend(winner, losers)) as lead from planned
  ),
  touched as (
    select member.name, decision.kind
    from decision join member on member.lead = decision.lead_id
    where decision.kind = 'exclude'
    union all
    select member.name, decision.kind
    from decision
    join member on member.lead = decision.lead_id
    join member as other
      on other.name = member.name and other.lead = decision.other_id
    where decision.kind = 'never_merge'
    union all
    select member.name, decision.kind
    from decision
    join member on member.lead = decision.lead_id
    join planned on planned.name = member.name
    where decision.kind = 'winner' and planned.winner <> decision.lead_id
    union all
    select member.name, decision.kind
    from decision
    join member on member.lead = decision.lead_id
    join planned on planned.name = member.name
    where
      decision.kind = 'value'
      and json_extract_string(planned.after, '$."' || decision.field || '"')
        is distinct from decision.value
  ),
  counted as (
    select
      name,
      arg_min(kind, list_position(['exclude', 'never_merge', 'winner', 'value'], kind)) as kind,
    from touched group by name
  ),
  joined as (
    select decision.lead_id, decision.other_id
    from decision
    anti join (
      select member.lead, other.lead as other
      from member join member as other using (name)
    ) as together
      on together.lead = decision.lead_id and together.other = decision.other_id
    where decision.kind = 'always_merge'
  )
  select
    (select count(*) from planned)::int as merges,
    ((select count(*) from planned) - (select count(*) from counted))::int as same,
    (select count(*) from counted where kind = 'exclude')::int as out,
    (select count(*) from counted where kind = 'never_merge')::int as apart,
    (select count(*) from counted where kind = 'winner')::int as winner,
    (select count(*) from counted where kind = 'value')::int as value,
    (select count(*) from joined)::int as more`
}

/** The same in words; empty where nothing changes. */
export function effectWords(effect: Effect): string[] {
  const lines: readonly (readonly [number, string, string])[] = [
    [effect.out, 'merge goes out', 'merges go out'],
    [effect.apart, 'merge comes apart', 'merges come apart'],
    [effect.winner, 'merge keeps another lead', 'merges keep another lead'],
    [effect.value, 'merge keeps another value', 'merges keep another value'],
    [effect.more, 'pair is merged in addition', 'pairs are merged in addition'],
  ]
  return lines.flatMap(([count, one, many]) =>
    count === 0 ? [] : [`${count} ${count === 1 ? one : many}`],
  )
}
