{{#if auto}}
select service, a, b, {{auto_levels comparisons}}, weight, false as is_inner
from (
    select
        pattern.*,
        {{auto_weights comparisons}},
        {{auto_total comparisons}} as weight,
    from {{ref "auto_pattern"}} as pattern
    join {{source "match" "parameter"}} as parameter using (service)
    join {{ref "auto_value"}} as x on x.id = pattern.a
)
{{else}}
select
    cast(null as varchar) as service,
    cast(null as bigint) as a,
    cast(null as bigint) as b,
    cast(null as double) as weight,
    cast(null as boolean) as is_inner,
where false
{{/if}}
