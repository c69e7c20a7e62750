-- An opt-out that stands on one record of a doubtful cluster and not on
-- another may reach a person who said no, so such items come first; then
-- what the CRM follows, then what is large, then what is probable.
with doubtful as (
    select
        service || ':' || cast(component as varchar) as item,
        'cluster' as kind,
        service,
        component,
        leads,
        hold as reason,
        cast(null as double) as probability,
    from {{ref "cluster"}}
    where status = 'review'
),
-- Two leads that are not sure enough, or that are but whose clusters
-- contradict each other. A lead without a cluster stands for itself.
open_pair as (
    select
        pair.service,
        pair.a,
        pair.b,
        pair.probability,
        pair.evidence,
        pair.status,
        coalesce(one.component, pair.a) as component_a,
        coalesce(other.component, pair.b) as component_b,
    from {{ref "scored_pair"}} as pair
    left join {{ref "lead_component"}} as one
        on one.scope = pair.service and one.node = pair.a
    left join {{ref "lead_component"}} as other
        on other.scope = pair.service and other.node = pair.b
    where
        pair.status in ('merge', 'review')
        and coalesce(one.component, pair.a) <> coalesce(other.component, pair.b)
),
-- One word about two clusters is enough: same joins them whole, different
-- keeps them apart whole.
said as (
    select distinct
        pair.service,
        least(pair.component_a, pair.component_b) as low,
        greatest(pair.component_a, pair.component_b) as high,
    from open_pair as pair
    join {{ref "lead_override"}} as decision
        on decision.lead_id = pair.a and decision.other_id = pair.b
    where decision.kind in ('always_merge', 'never_merge')
),
elsewhere as (
    -- What rules of another service connect is not asked again.
    select distinct pair.service, pair.a, pair.b
    from open_pair as pair
    join {{ref "cluster_member"}} as one on one.lead_id = pair.a
    join {{ref "cluster_member"}} as other
        on other.lead_id = pair.b
        and other.service = one.service
        and other.component = one.component
),
asked as (
    select pair.*
    from open_pair as pair
    anti join said
        on said.service = pair.service
        and said.low = least(pair.component_a, pair.component_b)
        and said.high = greatest(pair.component_a, pair.component_b)
    anti join elsewhere using (service, a, b)
    qualify
        row_number() over (
            partition by
                pair.service,
                least(pair.component_a, pair.component_b),
                greatest(pair.component_a, pair.component_b)
            order by pair.probability desc, pair.a, pair.b
        ) = 1
),
item as (
    select item, kind, service, leads, reason, probability
    from doubtful
    union all
    select
        format('{}:{}-{}', service, a, b),
        'pair',
        service,
        2,
        if(
            status = 'merge',
            evidence || '; other leads of their clusters contradict',
            evidence
        ),
        probability,
    from asked
),
place as (
    select item.item, member.lead_id, member.rank
    from doubtful as item
    join {{ref "cluster_member"}} as member using (service, component)
    union all
    select format('{}:{}-{}', service, a, b), a, 1
    from asked
    union all
    select format('{}:{}-{}', service, a, b), b, 2
    from asked
),
member as (
    select
        place.item,
        place.lead_id,
        place.rank,
        {{crm_rank of="lead"}} > 0 as is_crm,
        coalesce(
            lower({{column "unsubscribed" of="lead"}}), 'false'
        ) as unsubscribed,
    from place
    join {{ref "live_lead"}} as lead on lead.id = place.lead_id
),
record as (
    select
        item,
        list(lead_id order by rank) filter (where rank <= 100) as lead_ids,
        count(*) filter (where is_crm) as crm_linked,
        min(unsubscribed) <> max(unsubscribed) as opt_out_differs,
    from member
    group by item
),
decided as (
    -- What a person calls one and is still held, is not done with.
    select
        one.item,
        count(*) filter (where decision.kind = 'never_merge') as apart,
        count(*) as pairs,
    from {{ref "lead_override"}} as decision
    join member as one on one.lead_id = decision.lead_id
    join member as other
        on other.item = one.item and other.lead_id = decision.other_id
    group by one.item
)
select
    item.item,
    item.kind,
    item.service,
    record.lead_ids,
    item.leads,
    item.reason,
    item.probability,
    record.crm_linked,
    record.opt_out_differs,
    record.opt_out_differs::integer * 1000000
    + least(record.crm_linked, 999) * 1000
    + least(item.leads, 999) as risk,
    coalesce(decided.pairs, 0) as decided_pairs,
    coalesce(decided.apart, 0) >= item.leads - 1 as is_decided,
from item
join record on record.item = item.item
left join decided on decided.item = item.item
