-- Countries and states by their names in many languages, and by their codes.
with typed as (
    select 'country' as kind, {{column "country" of="lead"}} as name
    from {{ref "live_lead"}} as lead
{{#unless uses.country}}
    where false
{{/unless}}
    union
    select 'state', {{column "state" of="lead"}}
    from {{ref "live_lead"}} as lead
{{#unless uses.state}}
    where false
{{/unless}}
),
squeezed as materialized (
    -- Made once: the filter on it would repeat it.
    select kind, name, {{squeezed "name"}} as letters
    from typed
    where name is not null and not {{placeholder "name"}}
),
known as (
    select 'country' as kind, {{squeezed "name"}} as letters, min(code) as code
    from {{source "seed" "country_name"}}
    group by all
    union all
    select 'state', {{squeezed "name"}}, min(code)
    from {{source "seed" "state_name"}}
    group by all
)
select
    squeezed.kind,
    squeezed.name,
    if(
        squeezed.kind = 'state',
        coalesce(known.code, squeezed.letters),
        known.code
    ) as code,
from squeezed
left join known using (kind, letters)
where squeezed.letters is not null
