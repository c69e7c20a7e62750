{{#if auto}}
with pair as (
    select * from {{ref "auto_score"}}
    union all by name
    select * from {{ref "inner_score"}}
),
apart as (
    -- Whatever their values say: a person or a rule knows that they are two.
    select pair.service, pair.a, pair.b
    from pair
    join {{ref "lead_override"}} as override
        on override.kind = 'never_merge'
        and override.lead_id = pair.a
        and override.other_id = pair.b
{{#each auto}}
    union
    select pair.service, pair.a, pair.b
    from pair
    join {{ref "lead_key"}} as a on a.id = pair.a
    join {{ref "lead_key"}} as b on b.id = pair.b
    where
        pair.service = {{name}}
        and (
        {{#each apart}}
            {{apart_pair kind column}}
            or
        {{/each}}
            false
        )
{{/each}}
),
judged as (
    select
        pair.*,
        apart.a is not null as is_apart,
        case
            when apart.a is not null then 'no'
            when pair.weight >= parameter.merge_weight then 'merge'
            when pair.weight >= parameter.review_weight then 'review'
            else 'no'
        end as status,
    from pair
    join {{source "match" "parameter"}} as parameter using (service)
    left join apart using (service, a, b)
)
select
    service,
    a,
    b,
    1 / (1 + 2.0 ** -(greatest(least(weight, 60), -60))) as probability,
    weight,
    if(status = 'no', null, {{auto_evidence comparisons}}) as evidence,
    status,
    is_apart,
    is_inner,
from judged
{{else}}
select
    cast(null as varchar) as service,
    cast(null as bigint) as a,
    cast(null as bigint) as b,
    cast(null as double) as probability,
    cast(null as double) as weight,
    cast(null as varchar) as evidence,
    cast(null as varchar) as status,
    cast(null as boolean) as is_apart,
    cast(null as boolean) as is_inner,
where false
{{/if}}
