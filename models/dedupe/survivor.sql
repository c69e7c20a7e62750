-- Values of the surviving record, field by field. Every rule but sum and union
-- takes one lead's value whole, so that its source can be told.
with decided (service, field, rule, is_consent) as (
    select null, null, null, false
    where false
{{#each dedupe}}
{{#each decided}}
    union all
    select {{../name}}, {{field}}, {{rule}}, {{is_consent}}
{{/each}}
{{/each}}
),
member as (
    select
        member.service,
        cluster.winner_id,
        member.rank,
        lead.*,
    from {{ref "cluster_member"}} as member
    join {{ref "cluster"}} as cluster using (service, component)
    join {{ref "live_lead"}} as lead on lead.id = member.lead_id
    where cluster.status = 'merge'
),
present as (
    unpivot (
        select
            service,
            winner_id,
            rank,
            id as lead_id,
            try_cast({{column "createdAt"}} as timestamp) as created,
            try_cast({{column "updatedAt"}} as timestamp) as updated,
        {{#each decided_columns}}
            nullif({{ident this}}, '') as {{ident this}},
        {{/each}}
        from member
    )
    on {{idents decided_columns}}
    into name field value value
),
prioritised as (
    select
        present.*,
        decided.rule,
        decided.is_consent,
        row_number() over (
            partition by present.winner_id, present.field
            order by
                case decided.rule
                    when 'most_recent' then -epoch(present.updated)
                    when 'oldest' then epoch(present.created)
                    when 'max' then -try_cast(present.value as double)
                    when 'min' then try_cast(present.value as double)
                    when 'longest' then -length(present.value)
                    when 'earliest'
                        then epoch(try_cast(present.value as timestamp))
                    when 'latest'
                        then -epoch(try_cast(present.value as timestamp))
                    when 'any_true'
                        then if(lower(present.value) in ('true', '1'), 0, 1)
                    when 'all_true'
                        then if(lower(present.value) in ('true', '1'), 1, 0)
                end nulls last,
                present.rank
        ) as priority,
    from present
    join decided using (service, field)
),
combined as (
    select
        winner_id,
        field,
        sum(try_cast(value as double)) as total,
        string_agg(
            distinct trim(part), ';' order by trim(part)
        ) as joined,
    from (
        select winner_id, field, value, unnest(string_split(value, ';')) as part
        from prioritised
        where rule in ('sum', 'union')
    )
    group by all
)
select
    chosen.service,
    chosen.winner_id,
    chosen.field,
    case chosen.rule
        when 'sum' then {{number_text "combined.total"}}
        when 'union' then combined.joined
        else chosen.value
    end as value,
    if(chosen.rule in ('sum', 'union'), null, chosen.lead_id) as source_id,
    chosen.rule,
    chosen.is_consent,
from prioritised as chosen
left join combined using (winner_id, field)
where chosen.priority = 1
