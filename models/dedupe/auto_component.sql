{{#if auto}}
select score.service as scope, score.a, score.b
from {{ref "auto_score"}} as score
join {{source "match" "parameter"}} as parameter using (service)
where score.weight >= parameter.merge_weight
{{else}}
select
    cast(null as varchar) as scope,
    cast(null as bigint) as a,
    cast(null as bigint) as b,
where false
{{/if}}
