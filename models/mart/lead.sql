with current_cluster as (
    select member.lead_id, cluster.winner_id
    from {{ref "cluster_member"}} as member
    join {{ref "cluster"}} as cluster using (service, component)
    qualify
        row_number() over (
            partition by member.lead_id
            order by cluster.status = 'merge' desc, cluster.service
        ) = 1
)
select
    lead.id,
    fate.id is not null as is_deleted,
    fate.merged_into_id,
    coalesce(
        current_cluster.winner_id,
        fate.merged_into_id,
        lead.id
    ) as cluster_id,
    lead.id = coalesce(
        current_cluster.winner_id,
        fate.merged_into_id,
        lead.id
    ) as is_winner,
    host.domain as email_domain,
    host.type as email_domain_type,
    lead.* exclude (id, seen_in_extract),
from {{ref "stg_lead"}} as lead
left join {{ref "lead_fate"}} as fate on fate.id = lead.id
left join current_cluster
    on current_cluster.lead_id = coalesce(fate.merged_into_id, lead.id)
left join {{ref "typed_host"}} as typed_host
    on typed_host.typed = {{email_host "lead.email"}}
left join {{ref "email_host"}} as host on host.host = typed_host.host
