with pair as (
    select service, rule, a as lead_id
    from {{ref "candidate_pair"}}
    union all
    -- Numbers that no rule has: a probability, and a person's word.
    select scope, 0, node
    from {{ref "auto_person"}}
    where component <> node
    union all
    select component.scope, -1, component.node
    from {{ref "lead_component"}} as component
    join {{ref "lead_override"}} as override
        on override.lead_id = component.node
        and override.kind = 'always_merge'
),
pair_rule as (
    select
        component.scope as service,
        component.component,
        list(distinct pair.rule order by pair.rule)
            filter (where pair.rule is not null) as rules,
    from {{ref "lead_component"}} as component
    left join pair
        on pair.service = component.scope and pair.lead_id = component.node
    group by all
),
said as (
    -- Clusters of which a person said that all of it is one.
    select component.scope as service, component.component, count(*) as leads
    from {{ref "lead_component"}} as component
    join {{ref "said_component"}} as said
        on said.node = component.node
    group by component.scope, component.component, said.component
    qualify row_number() over (
        partition by component.scope, component.component
        order by count(*) desc, said.component
    ) = 1
),
parted as (
    -- Too large to be taken apart where a person keeps two of it apart.
    select distinct one.scope as service, one.component
    from {{ref "lead_override"}} as override
    join {{ref "lead_component"}} as one on one.node = override.lead_id
    join {{ref "lead_component"}} as other
        on other.scope = one.scope
        and other.component = one.component
        and other.node = override.other_id
    where override.kind = 'never_merge'
),
fact as (
    select
        member.service,
        member.component,
        count(*) as leads,
        list(member.lead_id order by member.rank)
            filter (where not member.is_winner) as loser_ids,
        count(*) filter (where member.crm_rank > 0) as crm_linked,
        count(*) filter (where member.live_rank > 0) as crm_live,
        count(*) filter (
            where coalesce(trim({{column "sfdcType" of="lead"}}), '') <> ''
            and lower({{column "sfdcType" of="lead"}}) not in ('contact', 'lead')
        ) as crm_other,
        count(distinct {{column "leadPartitionId" of="lead"}}) as partitions,
    {{#each apart}}
        {{apart_conflict kind column}} as {{ident column}},
    {{/each}}
    from {{ref "cluster_member"}} as member
    join {{ref "live_lead"}} as lead on lead.id = member.lead_id
    left join {{ref "lead_key"}} as lead_key on lead_key.id = member.lead_id
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
            when fact.leads > {{../limit.cluster_size}}
                then format('{} leads are more than {}', fact.leads, {{../limit.cluster_size}})
            when fact.leads > {{../limit.link}} and list_contains(pair_rule.rules, 0)
                then format('{} leads are too many to compare each with each', fact.leads)
            when parted.component is not null
                then 'a person keeps two of its leads apart'
        {{#each apart}}
            when {{ident column}}
                and coalesce(said.leads, 0) < fact.leads
                then {{text "its leads differ in " words}}
        {{/each}}
            when crm_linked > 1 and crm_live < crm_linked
                then format('the CRM has deleted {} of its {} CRM records and would refuse the merge (1078): delete those leads in Marketo', crm_linked - crm_live, crm_linked)
        {{#if crm_merge}}
            when crm_linked > 1 and crm_other > 0
                then 'it has a record that Salesforce alone can merge, such as a person account (712): merge it there'
        {{else}}
            when crm_linked > 1
                then format('{} of its leads live in the CRM: merge them there, or allow it by crm.merge: true', crm_linked)
        {{/if}}
            when partitions > 1
                then format('its leads live in {} partitions: move them into one', partitions)
            else winner.hold
        end as hold,
    from fact
    join {{ref "cluster_winner"}} as winner using (service, component)
    join pair_rule using (service, component)
    left join said using (service, component)
    left join parted using (service, component)
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
