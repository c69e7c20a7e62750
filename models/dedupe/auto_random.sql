-- Pairs that were drawn without looking at their values, and pairs of one town
-- as well: neighbours have names and firms in common more often than strangers.
{{#if auto}}
with placed as (
    select service, id, '' as town
    from {{ref "auto_scope"}}
    union all
    select scope.service, scope.id, value.city
    from {{ref "auto_scope"}} as scope
    join {{ref "auto_value"}} as value using (id)
    where value.city is not null
),
shuffled as (
    -- Places in an order that is random, and the same in every run.
    select
        service,
        id,
        town,
        row_number() over (
            partition by service, town = '' order by mixed, id
        ) as draw,
        row_number() over (
            partition by service, town order by mixed, id
        ) - 1 as place,
        count(*) over (partition by service, town = '') as leads,
        count(*) over (partition by service, town) as neighbours,
    from (
        select *, md5_number(cast(id as varchar)) as mixed
        from placed
    )
),
drawn as (
    select
        one.service,
        one.town <> '' as is_near,
        least(one.id, other.id) as a,
        greatest(one.id, other.id) as b,
    from shuffled as one
    cross join range(
        1,
        1 + least(
            (one.neighbours - 1) // 2,
            1 + ({{limit.drawn}} - 1) // greatest(one.leads, 1)
        )
    ) as step (distance)
    join shuffled as other
        on other.service = one.service
        and other.town = one.town
        and other.place = (one.place + step.distance) % one.neighbours
    where one.draw <= {{limit.drawn}}
),
compared as (
    select
        service,
        is_near,
        {{auto_compare comparisons}},
    from {{auto_faced "drawn" (ref "auto_value") comparisons}}
)
select
    service,
    is_near,
    [{{auto_levels comparisons}}] as levels,
    count(*) as pairs,
from compared
group by all
{{else}}
select
    cast(null as varchar) as service,
    cast(null as boolean) as is_near,
    cast(null as tinyint[]) as levels,
    cast(null as bigint) as pairs,
where false
{{/if}}
