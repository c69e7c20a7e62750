/** People's decisions as a table that models read. */
import { counted } from '../format.js'
import { overrideTable } from '../model/seed.js'
import { inForce, type Override } from '../pipeline/override.js'
import type { Warehouse } from '../warehouse/warehouse.js'

/** Replaces `seed.override` by the decisions that hold on a day. */
export async function loadOverrides(
  warehouse: Warehouse,
  overrides: readonly Override[],
  day: string,
): Promise<void> {
  await warehouse.run(`create or replace table ${overrideTable}`)
  await fillOverrides(
    warehouse,
    'seed.override',
    inForce(overrides, day).current,
  )
}

/** Adds decisions to a table with the columns of `seed.override`. */
export async function fillOverrides(
  warehouse: Warehouse,
  table: string,
  overrides: readonly Override[],
): Promise<void> {
  const columns = {
    kind: 'varchar',
    lead_id: 'bigint',
    other_id: 'bigint',
    field: 'varchar',
    value: 'varchar',
    author: 'varchar',
    reason: 'varchar',
    until: 'varchar',
  } as const
  const rows = overrides.map((each) => [
    each.kind,
    each.leadId,
    each.otherId,
    each.field,
    each.value,
    each.author,
    each.reason,
    each.until,
  ])
  await warehouse.append(table, columns, rows)
}

/** Decisions that ended, for a person to renew or remove; null: none. */
export function expiredNote(
  overrides: readonly Override[],
  pipeline: string,
  day: string,
): string | null {
  const { expired } = inForce(overrides, day)
  if (expired.length === 0) return null
  const named = expired
    .slice(0, 3)
    .map(({ kind, leadId, until }) => `${kind} of ${leadId} (${until})`)
  const more = expired.length > 3 ? ` and ${expired.length - 3} more` : ''
  return `${counted(expired.length, 'decision')} in pipelines/${pipeline}.override.csv no longer ${expired.length === 1 ? 'holds' : 'hold'}: ${named.join(', ')}${more}. Renew or remove.`
}

/** Decisions on leads that nobody has ever seen: mistyped, or of elsewhere. */
export async function strangerNote(
  warehouse: Warehouse,
  pipeline: string,
): Promise<string | null> {
  const strangers = await warehouse.rows<{ id: string }>(
    `select cast(id as varchar) as id from (
       select lead_id as id from seed.override
       union select other_id from seed.override
     )
     where id is not null
       and id not in (select id from dedupe.live_lead)
       and id not in (select id from dedupe.lead_fate)
     order by id`,
  )
  if (strangers.length === 0) return null
  const some = strangers.slice(0, 5).map(({ id }) => id)
  const more = strangers.length > some.length ? ', …' : ''
  const what = counted(strangers.length, 'lead')
  return `Decisions in pipelines/${pipeline}.override.csv are about ${what} that ${strangers.length === 1 ? 'is' : 'are'} in no export (${some.join(', ')}${more}), so they decide nothing; check the ids.`
}
