with paired as (
    select
        cast(null as varchar) as source_kind,
        cast(null as varchar) as earlier_source,
        cast(null as varchar) as later_source,
        cast(null as varchar) as race_window,
        cast(null as bigint) as seconds_after,
    where false
{{#each sources}}
    union all
    select
        {{this}},
        {{source_text this of="earlier"}},
        {{source_text this of="later"}},
        duplicate.race_window,
        duplicate.seconds_after,
    from {{ref "duplicate_lead"}} as duplicate
    join {{ref "lead"}} as earlier on earlier.id = duplicate.earlier_id
    join {{ref "lead"}} as later on later.id = duplicate.id
{{/each}}
)
select
    source_kind,
    earlier_source,
    later_source,
    count(*) as duplicates,
    count(*) filter (where race_window = 'within 10 seconds')
        as within_10_seconds,
    count(*) filter (
        where race_window in ('within 10 seconds', 'within 10 minutes')
    ) as within_10_minutes,
    median(seconds_after) as median_seconds,
from paired
group by source_kind, earlier_source, later_source
qualify
    row_number() over (
        partition by source_kind
        order by duplicates desc, earlier_source, later_source
    ) <= 500
