-- Of each group the lead that was created first is the person, and every later
-- one is a duplicate that somebody or something made.
with grouped as (
    select
        lead.id,
        lead.cluster_id,
        cast({{column "createdAt" of="lead"}} as timestamp) as created_at,
    from {{ref "lead"}} as lead
    join {{ref "duplicate_group"}} as duplicate_group using (cluster_id)
),
followed as (
    select
        *,
        first_value(id) over age as first_id,
        lag(id) over age as earlier_id,
        date_diff('second', lag(created_at) over age, created_at)
            as seconds_after,
    from grouped
    window age as (
        partition by cluster_id
        order by created_at nulls last, id
    )
)
select
    id,
    cluster_id,
    first_id,
    earlier_id,
    created_at,
    seconds_after,
    case
        when seconds_after is null then 'unknown'
        when seconds_after <= 10 then 'within 10 seconds'
        when seconds_after <= 600 then 'within 10 minutes'
        when seconds_after <= 86400 then 'within a day'
        else 'later'
    end as race_window,
from followed
where earlier_id is not null
