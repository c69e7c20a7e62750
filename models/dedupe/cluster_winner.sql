-- Which lead each cluster keeps, why, and where Marketo's own rule overrules
-- the rules of the pipeline.
with compared as (
    select
        service,
        component,
        arg_min(lead_id, rank) as winner_id,
        arg_min(lead_id, own_rank) as own_id,
        max(criteria) filter (where rank = 1) as first,
        max(criteria) filter (where rank = 2) as second,
        max(criteria) filter (where own_rank = 1) as own_first,
        max(criteria) filter (where own_rank = 2) as own_second,
        max(crm_rank) filter (where rank = 1) as crm_rank,
        max(crm_rank) filter (where rank = 2) as second_crm_rank,
        max(live_rank) filter (where rank = 1) as live_rank,
        max(live_rank) filter (where rank = 2) as second_live_rank,
        max(live_rank) as highest_live_rank,
    from {{ref "cluster_member"}}
    group by all
),
placed as (
    select
        *,
        case
            when crm_rank <> second_crm_rank then 'CRM'
            when live_rank <> second_live_rank then 'live'
            else 'rules'
        end as kept_by,
        list_position(
            list_transform(
                range(1, len(first) + 1),
                lambda i: first[i] is distinct from second[i]
            ),
            true
        ) as decisive,
        list_position(
            list_transform(
                range(1, len(own_first) + 1),
                lambda i: own_first[i] is distinct from own_second[i]
            ),
            true
        ) as own_decisive,
    from compared
),
worded as (
    select
        cast(null as varchar) as service,
        cast(null as bigint) as component,
        cast(null as varchar) as rule,
        cast(null as varchar) as own_rule,
        cast(null as boolean) as is_tie,
    where false
{{#each dedupe}}
    union all
    select
        service,
        component,
        {{array winner_words}}[decisive - 1] as rule,
        {{array winner_words}}[own_decisive - 1] as own_rule,
        {{winner_review}} and kept_by = 'rules' and decisive = len(first)
            as is_tie,
    from placed
    where service = {{name}}
{{/each}}
),
choice as (
    select lead_id, format('choice of {}: {}', author, reason) as words
    from {{ref "lead_override"}}
    where kind = 'winner'
)
select
    service,
    component,
    winner_id,
    nullif(own_id, winner_id) as overruled_id,
    case kept_by
        when 'CRM' then 'CRM contact before CRM lead before Marketo only'
        when 'live' then 'not deleted in the CRM'
        else coalesce(rule, choice.words)
    end
    || if(
        own_id = winner_id,
        '',
        format(
            '; Marketo overrules lead {}, which would win by {}',
            own_id,
            coalesce(own_rule, own_choice.words)
        )
    ) as decided_by,
    case
        when highest_live_rank > live_rank
            then 'Marketo may keep another of its leads, because one was deleted in the CRM'
        when is_tie
            then 'no winner rule sets one of its leads apart'
    end as hold,
from placed
join worded using (service, component)
left join choice on choice.lead_id = placed.winner_id
left join choice as own_choice on own_choice.lead_id = placed.own_id
