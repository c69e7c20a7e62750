-- Each group of equal keys becomes a star around its smallest id, never all
-- pairs. Leads that differ where one person cannot are split into stars of
-- their own; a lead without that value joins only where no choice is left.
with grouped as (
    select match_key.*
    from {{ref "match_key"}} as match_key
    join {{ref "match_group"}} as match_group
        using (service, rule, key)
    where match_group.hold is null
),
choice as (
    select
        service,
        rule,
        key,
        position,
        count(distinct apart[position]) as choices,
    from grouped
    cross join unnest(range(1, len(apart) + 1)) as t (position)
    group by all
),
split as (
    select
        service,
        rule,
        key,
        list(position order by position) as positions,
    from choice
    where choices > 1
    group by all
),
star as (
    select
        grouped.service,
        grouped.rule,
        grouped.lead_id,
        min(grouped.lead_id) over (
            partition by
                grouped.service,
                grouped.rule,
                grouped.key,
                list_transform(
                    split.positions,
                    lambda p: coalesce(grouped.apart[p], '')
                )
        ) as hub_id,
    from grouped
    left join split using (service, rule, key)
)
select service, rule, hub_id as a, lead_id as b
from star
where hub_id <> lead_id
