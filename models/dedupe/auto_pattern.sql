-- How two leads agree depends on the two alone, so what an earlier run found of
-- leads that did not change since is taken over.
{{#if auto}}
with candidate as (
    select
        pair.service,
        pair.a,
        pair.b,
        x.fingerprint as value_a,
        y.fingerprint as value_b,
    from {{ref "auto_candidate"}} as pair
    join {{ref "auto_value"}} as x on x.id = pair.a
    join {{ref "auto_value"}} as y on y.id = pair.b
),
known as (
    select kept.*
    from candidate
    join {{source "match" "pattern"}} as kept
        using (service, a, b, value_a, value_b)
),
fresh as (
    select candidate.*
    from candidate
    anti join known using (service, a, b)
)
select
    service,
    a,
    b,
    value_a,
    value_b,
    {{auto_levels comparisons}},
    is_known,
from (
    select known.*, true as is_known
    from known
    union all by name
    select
        service,
        a,
        b,
        value_a,
        value_b,
        false as is_known,
        {{auto_compare comparisons}},
    from {{auto_faced "fresh" (ref "auto_value") comparisons}}
)
{{else}}
select cast(null as varchar) as service
where false
{{/if}}
