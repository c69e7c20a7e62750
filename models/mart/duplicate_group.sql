with found as (
    select
        lead.cluster_id,
        count(*) as leads,
        count(*) filter (where not lead.is_deleted) as live_leads,
        list(lead.id order by lead.id) as lead_ids,
    from {{ref "lead"}} as lead
    group by all
    having count(*) > 1
),
decided as (
    select
        winner_id as cluster_id,
        service,
        status,
        decided_by,
        overruled_id,
        hold,
    from {{ref "cluster"}}
    qualify
        row_number() over (
            partition by winner_id
            order by status = 'merge' desc, service
        ) = 1
)
select
    found.cluster_id,
    found.leads,
    found.live_leads,
    found.lead_ids,
    coalesce(decided.status, 'merged') as status,
    decided.service,
    decided.decided_by,
    decided.overruled_id,
    decided.hold,
from found
left join decided using (cluster_id)
