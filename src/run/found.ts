/** Who is one person as far as the pipeline merges or has merged them. */
import type { Warehouse } from '../warehouse/warehouse.js'

/**
 * Makes the temporary table `found`: every lead that lives or was merged, the
 * lead that holds it now (`root_id`), and the cluster that it is merged into
 * (`found_id`, its own root where nothing is planned). A cluster that waits
 * for review is not merged, so its leads stand alone.
 */
export async function makeFound(warehouse: Warehouse): Promise<void> {
  await warehouse.run(
    `create or replace temp table found as
     with merging as (
       select member.lead_id, cluster.winner_id
       from dedupe.cluster_member as member
       join dedupe.cluster as cluster using (service, component)
       where cluster.status = 'merge'
     )
     select
       lead.id as lead_id,
       coalesce(lead.merged_into_id, lead.id) as root_id,
       coalesce(merging.winner_id, lead.merged_into_id, lead.id) as found_id,
     from main.lead as lead
     left join merging
       on merging.lead_id = coalesce(lead.merged_into_id, lead.id)
     where not lead.is_deleted or lead.merged_into_id is not null`,
  )
}

/** Whether pairs were scored, by services with probabilities. */
export async function hasScores(warehouse: Warehouse): Promise<boolean> {
  const { tables } = await warehouse.one<{ tables: number }>(
    `select count(*) as tables from information_schema.tables
     where table_schema = 'dedupe' and table_name = 'scored_pair'`,
  )
  return tables > 0
}
