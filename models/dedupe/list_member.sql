-- A merge unites memberships on the lead that remains (Adobe docs, "Leads",
-- merge), also before the next extract reads the lists again.
select distinct
    member.list_kind,
    member.list,
    coalesce(fate.merged_into_id, member.lead_id) as lead_id,
from {{ref "stg_list_member"}} as member
left join {{ref "lead_fate"}} as fate on fate.id = member.lead_id
