/** Facts on a few leads from the published warehouse; one query each. */
import type { Queries } from '../warehouse/session.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import type {
  WhyAttempt,
  WhyGroup,
  WhyHold,
  WhyMatch,
  WhyState,
} from './why-document.js'

type Rows = Pick<Queries, 'rows'>

/** Makes `asked`, which the other queries join. */
export async function ask(
  warehouse: Warehouse,
  leads: readonly string[],
): Promise<void> {
  await warehouse.run('create or replace temp table asked (id bigint)')
  const rows = [...new Set(leads)].map((id) => [id])
  await warehouse.append('asked', { id: 'bigint' }, rows)
}

const time = (column: string) => `strftime(${column}, '%Y-%m-%dT%H:%M:%SZ')`
const text = (column: string) => `cast(${column} as varchar)`
const texts = (column: string) =>
  `list_transform(${column}, lambda id: cast(id as varchar))`

export async function readStates(warehouse: Rows): Promise<WhyState[]> {
  return await warehouse.rows<WhyState>(
    `select
       ${text('lead.id')} as lead,
       lead.is_deleted as "isGone",
       ${text('lead.merged_into_id')} as "mergedInto",
       ${time('history.merged_at')} as "mergedAt",
       coalesce(history.by_pipeline, false) as "byPipeline",
       ${text('history.restored_as_id')} as "restoredAs",
       ${time('lead.seen_at')} as "seenAt"
     from main.lead as lead
     join asked on asked.id = lead.id
     left join main.merge_history as history on history.loser_id = lead.id
     order by lead.id`,
  )
}

export async function readGroups(
  warehouse: Rows,
): Promise<(WhyGroup & { lead: string })[]> {
  return await warehouse.rows<WhyGroup & { lead: string }>(
    `select
       ${text('lead.id')} as lead,
       ${text('found.cluster_id')} as winner,
       ${texts('found.lead_ids')} as leads,
       found.status,
       found.service,
       found.decided_by as "decidedBy",
       ${text('found.overruled_id')} as overruled,
       found.hold
     from main.lead as lead
     join asked on asked.id = lead.id
     join main.duplicate_group as found using (cluster_id)
     order by lead.id`,
  )
}

export async function readMatches(warehouse: Rows): Promise<WhyMatch[]> {
  return await warehouse.rows<WhyMatch>(
    `select
       service, rule, ${text('pair.a')} as a, ${text('pair.b')} as b,
       round(similarity, 4) as similarity,
       round(probability, 6) as probability,
       evidence, status
     from main.match_pair as pair
     where a in (select id from asked) or b in (select id from asked)
     order by service, rule, pair.a, pair.b`,
  )
}

export async function readReview(
  warehouse: Rows,
): Promise<{ lead: string; item: string; reason: string }[]> {
  return await warehouse.rows(
    `select ${text('asked.id')} as lead, queue.item, queue.reason
     from main.review_queue as queue
     join asked on list_contains(queue.lead_ids, asked.id)
     where not queue.is_decided
     order by asked.id, queue.item`,
  )
}

/** A plan row as it is stored; JSON as text. */
export interface StoredRow {
  readonly lead: string
  readonly plan: string
  readonly row: string
  readonly kind: string
  readonly target: string
  readonly losers: readonly string[]
  readonly before: string
  readonly after: string
  readonly reason: string
  readonly leads: string | null
  readonly kept: string | null
  readonly status: string | null
  readonly statusReason: string | null
  readonly run: string | null
  readonly endedAt: string | null
  readonly rulesHash: string | null
  readonly approvedBy: readonly string[] | null
  readonly newId: string | null
}

/** Every plan row with one of the leads in it, oldest first. */
export async function readRows(warehouse: Rows): Promise<StoredRow[]> {
  return await warehouse.rows<StoredRow>(
    `with touched as (
       select asked.id as lead, plan_hash, row_id
       from meta.plan_row join asked on asked.id = plan_row.lead_id
       union
       select asked.id, plan_hash, row_id
       from (
         select
           plan_hash, row_id,
           unnest(from_json(loser_ids, '["BIGINT"]')) as loser_id
         from meta.plan_row where kind = 'merge'
       )
       join asked on asked.id = loser_id
       union
       select asked.id, plan_hash, row_id
       from meta.restored join asked on asked.id = restored.new_id
     ),
     approved as (
       select plan_hash, list(author order by approved_at) as authors
       from meta.approval group by plan_hash
     )
     select
       ${text('touched.lead')} as lead,
       plan_row.plan_hash as plan,
       plan_row.row_id as row,
       plan_row.kind,
       ${text('plan_row.lead_id')} as target,
       from_json(plan_row.loser_ids, '["VARCHAR"]') as losers,
       ${text('plan_row.before_values')} as before,
       ${text('plan_row.after_values')} as after,
       ${text('plan_row.reason')} as reason,
       ${text('plan_row.lead_values')} as leads,
       ${text('plan_row.kept')} as kept,
       outcome.status,
       outcome.reason as "statusReason",
       outcome.run_id as run,
       ${time('outcome.ended_at')} as "endedAt",
       plan.rules_hash as "rulesHash",
       approved.authors as "approvedBy",
       ${text('restored.new_id')} as "newId"
     from touched
     join meta.plan_row using (plan_hash, row_id)
     left join meta.outcome using (plan_hash, row_id)
     left join meta.plan using (plan_hash)
     left join meta.restored using (plan_hash, row_id)
     left join approved using (plan_hash)
     order by outcome.ended_at nulls last, plan_row.plan_hash, plan_row.row_id`,
  )
}

export async function readAttempts(
  warehouse: Warehouse,
  rows: readonly StoredRow[],
): Promise<Map<string, WhyAttempt[]>> {
  await warehouse.run(
    'create or replace temp table asked_row (plan_hash varchar, row_id varchar)',
  )
  const names = new Map(rows.map((one) => [rowKey(one), [one.plan, one.row]]))
  await warehouse.append(
    'asked_row',
    { plan_hash: 'varchar', row_id: 'varchar' },
    [...names.values()],
  )
  const found = await warehouse.rows<
    WhyAttempt & { plan: string; row: string }
  >(
    `select
       plan_hash as plan, row_id as row, attempt, send, run_id as run,
       ${time('sent_at')} as "sentAt", ${time('ended_at')} as "endedAt",
       outcome, code, request_id as "requestId"
     from meta.attempt join asked_row using (plan_hash, row_id)
     order by plan_hash, row_id, sent_at, attempt`,
  )
  const attempts = new Map<string, WhyAttempt[]>()
  for (const { plan, row, ...attempt } of found) {
    const key = rowKey({ plan, row })
    const known = attempts.get(key) ?? []
    attempts.set(key, known)
    known.push(attempt)
  }
  return attempts
}

export function rowKey({ plan, row }: { plan: string; row: string }): string {
  return `${plan} ${row}`
}

/** Held values by service, rule and fingerprint. */
export async function readHeld(
  warehouse: Warehouse,
  keys: readonly { service: string; rule: number; key: string }[],
): Promise<Map<string, WhyHold>> {
  await warehouse.run(
    'create or replace temp table asked_key (service varchar, rule bigint, key varchar)',
  )
  await warehouse.append(
    'asked_key',
    { service: 'varchar', rule: 'bigint', key: 'varchar' },
    keys.map(({ service, rule, key }) => [service, rule, key]),
  )
  const found = await warehouse.rows<WhyHold & { key: string }>(
    `select distinct
       held.service, held.rule, held.key, held.hold,
       cast(held.leads as double) as leads,
       cast(held.people as double) as people
     from main.match_held as held
     join asked_key using (service, rule, key)`,
  )
  return new Map(
    found.map(({ key, ...hold }) => [heldKey({ ...hold, key }), hold]),
  )
}

export function heldKey(one: {
  service: string
  rule: number
  key: string
}): string {
  return `${one.service} ${one.rule} ${one.key}`
}

/** The last run's rules, and when it looked. */
export async function readLastRun(
  warehouse: Rows,
): Promise<{ rules: string | null; asOf: string }> {
  const [last] = await warehouse.rows<{ rules: string | null; asOf: string }>(
    `select rules_hash as rules, ${time('started_at')} as "asOf"
     from meta.run order by started_at desc, run_id desc limit 1`,
  )
  return last ?? { rules: null, asOf: '2000-01-01T00:00:00Z' }
}
