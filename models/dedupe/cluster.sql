with pair_rule as (
    select
        pair.service,
        component.component,
        list(distinct pair.rule order by pair.rule) as rules,
    from {{ref "candidate_pair"}} as pair
    join {{ref "lead_component"}} as component
        on component.scope = pair.service and component.node = pair.a
    group by all
),
fact as (
    select
        member.service,
        member.component,
        count(*) as leads,
        list(member.lead_id order by member.rank)
            filter (where not member.is_winner) as loser_ids,
        count(*) filter (where member.crm_rank > 0) as crm_linked,
        count(distinct {{column "leadPartitionId" of="lead"}}) as partitions,
    {{#each differ}}
        count(distinct {{plain_key field of="lead"}}) as {{ident column}},
    {{/each}}
    from {{ref "cluster_member"}} as member
    join {{ref "live_lead"}} as lead on lead.id = member.lead_id
    group by all
),
held as (
    select
        cast(null as varchar) as service,
        cast(null as integer) as service_order,
        cast(null as bigint) as component,
        cast(null as varchar) as hold,
    where false
{{#each dedupe}}
    union all
    select
        service,
        {{order}} as service_order,
        component,
        case
            when leads > {{../limit.cluster_size}}
                then format('{} leads are more than {}', leads, {{../limit.cluster_size}})
        {{#each differ}}
            when {{ident column}} > 1
                then {{text "its leads differ in " field}}
        {{/each}}
        {{#unless crm_merge}}
            when crm_linked > 1
                then format('{} of its leads live in the CRM', crm_linked)
        {{/unless}}
            when partitions > 1
                then format('its leads live in {} partitions', partitions)
            else winner.hold
        end as hold,
    from fact
    join {{ref "cluster_winner"}} as winner using (service, component)
    where service = {{name}}
{{/each}}
),
claimed as (
    -- A lead that an earlier service merges waits for the next run.
    select
        later.service,
        later.component,
        min(earlier.service) as claimed_by,
    from {{ref "cluster_member"}} as member
    join held as later using (service, component)
    join {{ref "cluster_member"}} as other using (lead_id)
    join held as earlier
        on earlier.service = other.service
        and earlier.component = other.component
    where earlier.service_order < later.service_order and earlier.hold is null
    group by all
)
select
    fact.service,
    fact.component,
    fact.leads,
    winner.winner_id,
    winner.overruled_id,
    fact.loser_ids,
    fact.crm_linked,
    pair_rule.rules,
    winner.decided_by,
    coalesce(
        held.hold,
        'service ' || claimed.claimed_by || ' merges some of its leads first'
    ) as hold,
    case
        when held.hold is not null then 'review'
        when claimed.claimed_by is not null then 'deferred'
        else 'merge'
    end as status,
from fact
join pair_rule using (service, component)
join {{ref "cluster_winner"}} as winner using (service, component)
join held using (service, component)
left join claimed using (service, component)
