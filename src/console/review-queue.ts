/** What waits for a person, with the decisions of now; read only. */
import { inForce, type Override } from '../pipeline/override.js'
import { ownColumns, waitingSql as waitingCte } from '../run/review-waiting.js'
import type { Queries } from '../warehouse/session.js'

export interface QueueItem {
  readonly item: string
  readonly kind: string
  readonly service: string
  readonly reason: string
  readonly probability: number | null
  readonly leads: number
  /** At most a hundred; the one that would survive first. */
  readonly leadIds: readonly string[]
  readonly crmLinked: number
  readonly optOutDiffers: boolean
  readonly isDecided: boolean
}

/** Why an item should be decided soon. */
export function risksOf({ optOutDiffers, crmLinked }: QueueItem): string[] {
  return [
    ...(optOutDiffers ? ['some opted out, others did not'] : []),
    ...(crmLinked > 0 ? [`${crmLinked} in the CRM`] : []),
  ]
}

/** Decisions that hold on a day, as a query takes them. */
export function decisionsJson(
  overrides: readonly Override[],
  day: string,
): string {
  const { current } = inForce(overrides, day)
  return JSON.stringify(
    current.map(({ kind, leadId, otherId, field, value }) => ({
      kind,
      lead_id: leadId,
      other_id: otherId,
      field,
      value,
    })),
  )
}

/** The table `decision` of a query whose first value is that text. */
export const decisionSql = `
  decision as (
    select each.* from (
      select unnest(from_json($1, '[{"kind":"VARCHAR","lead_id":"BIGINT","other_id":"BIGINT","field":"VARCHAR","value":"VARCHAR"}]')) as each
    )
  )`

const waitingSql = `with ${decisionSql}, ${waitingCte}`

const columns = `
  item, kind, service, reason, probability, leads::int as leads,
  list_transform(lead_ids, lambda id: id::varchar) as "leadIds",
  crm_linked::int as "crmLinked", opt_out_differs as "optOutDiffers",
  is_decided as "isDecided"`

export interface Queue {
  readonly items: readonly QueueItem[]
  readonly total: number
  readonly decided: number
}

export async function readQueue(
  { rows, one }: Queries,
  decisions: string,
  { page, size }: { readonly page: number; readonly size: number },
): Promise<Queue> {
  const counts = await one<{ total: number; decided: number }>(
    `${waitingSql}
     select
       (count(*) filter (where not is_decided))::int as total,
       (count(*) filter (where is_decided))::int as decided,
     from waiting`,
    [decisions],
  )
  const items = await rows<QueueItem>(
    `${waitingSql}
     select ${columns} from waiting
     where not is_decided
     order by risk desc, probability desc, item
     limit $2::int offset $3::int`,
    [decisions, size, page * size],
  )
  return { items, ...counts }
}

export async function findItem(
  { rows }: Queries,
  decisions: string,
  name: string,
): Promise<QueueItem | null> {
  const [found] = await rows<QueueItem>(
    `${waitingSql} select ${columns} from waiting where item = $2`,
    [decisions, name],
  )
  return found ?? null
}

export interface LeadValues {
  readonly id: string
  /** Marketo's fields, as text; empty ones too. */
  readonly values: ReadonlyMap<string, string>
}

/** Leads as they were published, in the order of the ids. */
export async function readLeads(
  { rows }: Queries,
  ids: readonly string[],
): Promise<readonly LeadValues[]> {
  const found = await rows<Record<string, string | null>>(
    `select cast(columns(*) as varchar) from main.lead
     where id in (select unnest(from_json($1, '["BIGINT"]')))`,
    [JSON.stringify(ids)],
  )
  const byId = new Map(found.map((lead) => [lead['id'] ?? '', lead]))
  return ids.flatMap((id) => {
    const lead = byId.get(id)
    if (lead === undefined) return []
    const values = Object.entries(lead)
      .filter(([field]) => field !== 'id' && !ownColumns.has(field))
      .map(([field, value]) => [field, value ?? ''] as const)
    return [{ id, values: new Map(values) }]
  })
}
