import { identifier } from '../warehouse/quote.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { losersPerCall } from './predict.js'

/** Fields that say that the CRM knows a lead. */
export const crmKeys = ['sfdcType', 'sfdcContactId', 'sfdcLeadId']

/** Leads and whether the CRM knows them. */
export function crmLinked(exported: ReadonlySet<string>): string {
  const known = crmKeys.filter((field) => exported.has(field))
  const values = known.map(
    (field) => `nullif(nullif(${identifier(field)}, ''), 'null')`,
  )
  const linked =
    values.length === 0 ? 'false' : `coalesce(${values.join(', ')}) is not null`
  return `select id as lead_id, ${linked} as is_linked from raw.lead`
}

/**
 * The order of merges: those that remove most leads per call come first, for
 * calls may run out. Merges that are paced for the CRM hold up nobody.
 */
export async function orderMerges(
  warehouse: Warehouse,
  { isPaced, hasPairs }: { isPaced: boolean; hasPairs: boolean },
): Promise<void> {
  await warehouse.run(
    `create or replace temp table plan_merge as
     select row_number() over (
         order by ${isPaced ? 'crm_linked > 0, ' : ''}removed_per_call desc,
           winner_id
       ) as place, *
     from (
       select *, case when merge_in_crm then 1
           else len(loser_ids) / ceil(len(loser_ids) / ${losersPerCall})
         end as removed_per_call
       from load.load_merge
     )
     order by place`,
  )
  const details = ['survivor', 'before', ...(hasPairs ? ['pair'] : [])]
  for (const name of details) {
    await warehouse.run(
      `create or replace temp table plan_${name} as
       select plan_merge.place, detail.*
       from load.load_merge_${name} as detail
       join plan_merge on plan_merge.winner_id = detail.winner_id
       order by all`,
    )
  }
}
