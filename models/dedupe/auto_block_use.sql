with word (block, words) as (
    select 0, 'every lead with every other'
{{#each auto_blocks}}
    union all
    select {{number}}, {{words}}
{{/each}}
),
used as (
    select
        service,
        block,
        key,
        any_value(leads) as leads,
        any_value(is_oversize) as is_oversize,
        any_value(is_used) as is_used,
    from {{ref "auto_block"}}
    group by all
)
select
    used.service,
    used.block,
    word.words,
    count(*) as keys,
    coalesce(
        sum(leads * (leads - 1) // 2) filter (where not is_oversize), 0
    ) as pairs,
    count(*) filter (where is_oversize) as oversize,
    bool_or(is_used) as is_used,
from used
join word using (block)
group by all
