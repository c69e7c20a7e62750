/** Everything published that concerns one lead; read only. */
import type { Queries } from '../warehouse/session.js'

/** ISO 8601 of a timestamp column, which is in UTC. */
export function isoSql(column: string): string {
  return `strftime(${column}, '%Y-%m-%dT%H:%M:%SZ')`
}

export interface LeadState {
  readonly id: string
  readonly isDeleted: boolean
  readonly mergedInto: string | null
  readonly cluster: string
  readonly isWinner: boolean
  readonly seenAt: string | null
}

export async function leadState(
  { rows }: Queries,
  id: string,
): Promise<LeadState | null> {
  const [found] = await rows<LeadState>(
    `select
       id::varchar as id,
       is_deleted as "isDeleted",
       merged_into_id::varchar as "mergedInto",
       cluster_id::varchar as cluster,
       is_winner as "isWinner",
       ${isoSql('seen_at')} as "seenAt",
     from main.lead where id = $1::bigint`,
    [id],
  )
  return found ?? null
}

export interface Group {
  readonly leads: readonly string[]
  readonly status: string
  readonly service: string | null
  readonly decidedBy: string | null
  readonly hold: string | null
}

export async function groupOf(
  { rows }: Queries,
  cluster: string,
): Promise<Group | null> {
  const [found] = await rows<Group>(
    `select
       list_transform(lead_ids[:50], lambda id: id::varchar) as leads,
       status, service, decided_by as "decidedBy", hold,
     from main.duplicate_group where cluster_id = $1::bigint`,
    [cluster],
  )
  return found ?? null
}

export interface Merge {
  readonly loser: string
  readonly winner: string
  readonly at: string
  readonly byPipeline: boolean
  readonly run: string | null
  readonly reason: string | null
}

export async function mergesOf(
  { rows }: Queries,
  id: string,
): Promise<readonly Merge[]> {
  return await rows<Merge>(
    `select
       loser_id::varchar as loser,
       winner_id::varchar as winner,
       coalesce(${isoSql('merged_at')}, '') as at,
       by_pipeline as "byPipeline",
       run_id as run,
       winner_reason as reason,
     from main.merge_history
     where loser_id = $1::bigint or winner_id = $1::bigint
     order by merged_at desc, loser_id, winner_id limit 200`,
    [id],
  )
}

export interface FieldChange {
  readonly field: string
  readonly before: string
  readonly after: string
  readonly by: string
  readonly service: string
  readonly run: string
  readonly at: string
}

export async function changesOf(
  { rows }: Queries,
  id: string,
): Promise<readonly FieldChange[]> {
  return await rows<FieldChange>(
    `select
       field,
       coalesce(before, '') as before,
       coalesce(after, '') as after,
       changed_by as by,
       coalesce(service, '') as service,
       coalesce(run_id, '') as run,
       coalesce(${isoSql('changed_at')}, '') as at,
     from main.lead_change where lead_id = $1::bigint
     order by changed_at desc, field, plan_hash, row_id limit 300`,
    [id],
  )
}

export interface Planned {
  readonly plan: string
  readonly row: string
  readonly kind: string
  readonly status: string
  readonly why: string
  readonly run: string
  readonly at: string
}

/** Plan rows that name the lead, and what became of them. */
const rowsSql = `
  select plan_hash, row_id, kind
  from meta.plan_row
  where
    lead_id = $1::bigint
    or list_contains(from_json(loser_ids, '["VARCHAR"]'), $1)`

export async function plannedOf(
  { rows }: Queries,
  id: string,
): Promise<readonly Planned[]> {
  return await rows<Planned>(
    `select
       planned.plan_hash as plan,
       planned.row_id as row,
       planned.kind,
       coalesce(outcome.status, 'open') as status,
       coalesce(outcome.reason, '') as why,
       coalesce(outcome.run_id, '') as run,
       coalesce(${isoSql('outcome.ended_at')}, '') as at,
     from (${rowsSql}) as planned
     left join meta.outcome as outcome using (plan_hash, row_id)
     order by outcome.ended_at desc nulls first, plan_hash, row_id limit 200`,
    [id],
  )
}

export interface Call {
  readonly at: string
  readonly send: string
  readonly outcome: string
  readonly code: string
  readonly request: string
  readonly run: string
  readonly row: string
}

/** Requests that carried the lead; none where an old file does not know. */
export async function callsOf(
  { rows, one }: Queries,
  id: string,
): Promise<readonly Call[]> {
  const { known } = await one<{ known: number }>(
    `select count(*)::int as known from information_schema.tables
     where table_schema = 'meta' and table_name = 'attempt'
       and table_catalog = current_database()`,
  )
  if (known === 0) return []
  return await rows<Call>(
    `select
       coalesce(${isoSql('attempt.sent_at')}, '') as at,
       attempt.send,
       coalesce(attempt.outcome, 'not known') as outcome,
       coalesce(attempt.code, '') as code,
       coalesce(attempt.request_id, '') as request,
       coalesce(attempt.run_id, '') as run,
       attempt.row_id as row,
     from (${rowsSql}) as planned
     join meta.attempt as attempt using (plan_hash, row_id)
     order by attempt.sent_at desc, attempt.attempt, attempt.row_id limit 200`,
    [id],
  )
}

/** Leads with an address, live ones first; at most fifty. */
export async function leadsByEmail(
  { rows }: Queries,
  email: string,
): Promise<readonly { id: string; isDeleted: boolean }[]> {
  return await rows<{ id: string; isDeleted: boolean }>(
    `select id::varchar as id, is_deleted as "isDeleted" from main.lead
     where lower(trim(email)) = lower(trim($1))
     order by is_deleted, main.lead.id limit 50`,
    [email],
  )
}
