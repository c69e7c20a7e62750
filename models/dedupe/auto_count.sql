{{#if auto}}
select service, [{{auto_levels comparisons}}] as levels, count(*) as pairs
from {{ref "auto_pattern"}}
group by all
{{else}}
select
    cast(null as varchar) as service,
    cast(null as tinyint[]) as levels,
    cast(null as bigint) as pairs,
where false
{{/if}}
