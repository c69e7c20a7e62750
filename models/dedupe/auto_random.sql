-- Pairs that were drawn without looking at their values; only training reads
-- this, so it is a view.
{{#if auto}}
with shuffled as (
    select
        service,
        id,
        row_number() over (
            partition by service order by md5(cast(id as varchar)), id
        ) - 1 as place,
        count(*) over (partition by service) as leads,
    from {{ref "auto_scope"}}
),
drawn as (
    select
        one.service,
        least(one.id, other.id) as a,
        greatest(one.id, other.id) as b,
    from shuffled as one
    cross join range(
        1,
        1 + least((one.leads - 1) // 2, 1 + 1000000 // greatest(one.leads, 1))
    ) as step (distance)
    join shuffled as other
        on other.service = one.service
        and other.place = (one.place + step.distance) % one.leads
),
compared as (
    select
        service,
        {{auto_compare comparisons}},
    from {{auto_faced "drawn" (ref "auto_value")}}
)
select service, [{{auto_levels comparisons}}] as levels, count(*) as pairs
from compared
group by all
{{else}}
select
    cast(null as varchar) as service,
    cast(null as tinyint[]) as levels,
    cast(null as bigint) as pairs,
where false
{{/if}}
