-- What became of leads that live no more. A merge into a lead that was merged
-- itself is followed to the one that remains.
with recursive chain (loser_id, root_id, merged_at, depth) as (
    select loser_id, winner_id, merged_at, 1
    from {{ref "stg_lead_merge"}}
    union all
    select chain.loser_id, merge.winner_id, chain.merged_at, chain.depth + 1
    from chain
    join {{ref "stg_lead_merge"}} as merge on merge.loser_id = chain.root_id
    where chain.depth < 1000
),
merged as (
    select
        loser_id as id,
        arg_max(root_id, depth) as merged_into_id,
        any_value(merged_at) as gone_at,
    from chain
    group by all
),
latest as (
    select max(cast(as_of as timestamp)) as complete_at
    from {{source "raw" "extract"}}
    where is_complete
),
unseen as (
    -- A complete extract that does not hold a lead proves that it is gone.
    select lead.id, cast(null as timestamp) as gone_at
    from {{ref "stg_lead_text"}} as lead
    cross join latest
    where lead.seen_at < latest.complete_at
)
select id, merged_into_id, gone_at
from merged
union all
select id, cast(null as bigint), max(gone_at)
from (
    select id, deleted_at as gone_at from {{ref "stg_lead_delete"}}
    union all
    select id, gone_at from unseen
)
where id not in (select id from merged)
group by id
