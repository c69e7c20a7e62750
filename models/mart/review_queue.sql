-- An opt-out that stands on one record of a doubtful cluster and not on
-- another may reach a person who said no, so such clusters come first; then
-- what the CRM follows, then what is large.
with item as (
    select
        service || ':' || cast(component as varchar) as item,
        service,
        component,
        leads,
        crm_linked,
        hold as reason,
    from {{ref "cluster"}}
    where status = 'review'
),
member as (
    select
        item.item,
        member.lead_id,
        member.rank,
        coalesce(
            lower({{column "unsubscribed" of="lead"}}), 'false'
        ) as unsubscribed,
    from item
    join {{ref "cluster_member"}} as member using (service, component)
    join {{ref "live_lead"}} as lead on lead.id = member.lead_id
),
record as (
    select
        item,
        list(lead_id order by rank) filter (where rank <= 100) as lead_ids,
        min(unsubscribed) <> max(unsubscribed) as opt_out_differs,
    from member
    group by item
),
decided as (
    select one.item, count(*) as pairs
    from {{ref "lead_override"}} as decision
    join member as one on one.lead_id = decision.lead_id
    join member as other
        on other.item = one.item and other.lead_id = decision.other_id
    group by one.item
)
select
    item.item,
    'cluster' as kind,
    item.service,
    record.lead_ids,
    item.leads,
    item.reason,
    cast(null as double) as probability,
    item.crm_linked,
    record.opt_out_differs,
    record.opt_out_differs::integer * 1000000
    + least(item.crm_linked, 999) * 1000
    + least(item.leads, 999) as risk,
    coalesce(decided.pairs, 0) >= item.leads - 1 as is_decided,
from item
join record on record.item = item.item
left join decided on decided.item = item.item
