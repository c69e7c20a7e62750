-- Leads that others connect are compared with one another as well, because
-- they may contradict. Giant components go to a person as they are.
{{#if auto}}
with small as (
    select scope, component
    from {{ref "auto_component"}}
    group by all
    having count(*) <= {{limit.link}}
),
pair as (
    select one.scope as service, one.node as a, other.node as b
    from {{ref "auto_component"}} as one
    join small using (scope, component)
    join {{ref "auto_component"}} as other using (scope, component)
    where one.node < other.node
),
fresh as (
    select pair.*
    from pair
    anti join {{ref "auto_score"}} as score using (service, a, b)
),
compared as (
    select
        service,
        a,
        b,
        {{auto_compare comparisons}},
    from {{auto_faced "fresh" (ref "auto_value") comparisons}}
)
select service, a, b, {{auto_levels comparisons}}, weight, true as is_inner
from {{auto_weighed
    "compared" comparisons (source "match" "parameter") (ref "auto_value")
}}
{{else}}
select
    cast(null as varchar) as service,
    cast(null as bigint) as a,
    cast(null as bigint) as b,
    cast(null as double) as weight,
    cast(null as boolean) as is_inner,
where false
{{/if}}
