{{#if auto}}
select service, a, b, {{auto_levels comparisons}}, weight, false as is_inner
from {{auto_weighed
    (ref "auto_pattern") comparisons
    (source "match" "parameter") (ref "auto_value")
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
