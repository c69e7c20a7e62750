with fact as (
    select
        {{month_of "createdAt" of="lead"}} as month,
        duplicate.id is not null as is_duplicate,
        duplicate.race_window,
        case {{crm_rank of="lead"}}
            when 2 then 'CRM contact'
            when 1 then 'CRM lead'
            else 'not in the CRM'
        end as crm,
    {{#each sources}}
        {{source_text this of="lead"}} as {{ident this}},
    {{/each}}
    from {{ref "lead"}} as lead
    left join {{ref "duplicate_lead"}} as duplicate on duplicate.id = lead.id
),
counted as (
    select
        'CRM sync' as source_kind,
        crm as source,
        month,
        count(*) as created,
        count(*) filter (where is_duplicate) as duplicates,
    from fact
    group by all
{{#each sources}}
    union all
    select
        {{this}},
        {{ident this}},
        month,
        count(*),
        count(*) filter (where is_duplicate),
    from fact
    group by all
{{/each}}
    union all
    -- Every lead of the month could have been made too soon after another.
    select
        'race window',
        late.race_window,
        late.month,
        whole.created,
        late.duplicates,
    from (
        select month, race_window, count(*) as duplicates
        from fact
        where is_duplicate
        group by all
    ) as late
    join (
        select month, count(*) as created
        from fact
        group by all
    ) as whole on whole.month is not distinct from late.month
),
ranked as (
    select
        source_kind,
        source,
        row_number() over (
            partition by source_kind
            order by created desc, source
        ) as place,
    from (
        select source_kind, source, sum(created) as created
        from counted
        group by all
    )
),
named as (
    -- A field with a value for every campaign or address would be no list.
    select
        counted.source_kind,
        if(ranked.place > 200, 'all other', counted.source) as source,
        counted.month,
        sum(counted.created)::bigint as created,
        sum(counted.duplicates)::bigint as duplicates,
    from counted
    join ranked using (source_kind, source)
    group by all
),
shared as (
    select *, duplicates / created as share
    from named
)
select
    *,
    share - lag(share) over trend as share_change,
    sum(duplicates) over (trend rows unbounded preceding)::bigint
        as duplicates_so_far,
from shared
window trend as (
    partition by source_kind, source
    order by month nulls first
)
