-- What was kept from matching, for the run's summary: counts, never values.
with held as (
    select service, rule, hold as reason, leads
    from {{ref "match_group"}}
    where hold is not null
),
skipped as (
    select
        service,
        rule,
        'block too large' as reason,
        any_value(leads) as leads,
    from {{ref "match_block"}}
    where status = 'skipped'
    group by service, rule, block, key
)
select
    service,
    rule,
    reason,
    count(*) as values,
    cast(sum(leads) as bigint) as leads,
from (
    from held
    union all
    from skipped
)
group by all
