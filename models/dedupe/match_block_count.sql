with block as (
    select service, rule, block, status, key, any_value(leads) as leads
    from {{ref "match_block"}}
    group by all
)
select
    service,
    rule,
    block,
    status,
    count(*) as blocks,
    cast(sum(leads) as bigint) as leads,
    cast(sum(leads * (leads - 1) // 2) as bigint) as pairs,
from block
group by all
