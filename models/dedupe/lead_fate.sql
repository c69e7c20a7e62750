-- What became of leads that live no more. A merge into a lead that was merged
-- itself is followed to the one that remains.
with recursive step (loser_id, lead_id) as (
    select loser_id, winner_id
    from {{ref "stg_lead_merge"}}
    -- Distinct, so that leads merged in a circle come to an end.
    union
    select step.loser_id, merge.winner_id
    from step
    join {{ref "stg_lead_merge"}} as merge on merge.loser_id = step.lead_id
),
circle as (
    -- Merges cannot come back to where they began, so one of them is not true
    -- any more: the oldest, because the later ones found its loser alive.
    select step.loser_id, min(step.lead_id) as circle_id
    from step
    where step.loser_id in (select loser_id from step where loser_id = lead_id)
    group by all
),
returned as (
    select circle.loser_id as id
    from circle
    join {{ref "stg_lead_merge"}} as merge using (loser_id)
    qualify
        row_number() over (
            partition by circle.circle_id
            order by merge.merged_at, merge.loser_id
        ) = 1
),
merged as (
    select
        step.loser_id as id,
        step.lead_id as merged_into_id,
        merge.merged_at as gone_at,
    from step
    join {{ref "stg_lead_merge"}} as merge using (loser_id)
    where
        step.loser_id not in (select id from returned)
        and (
            step.lead_id not in (select loser_id from {{ref "stg_lead_merge"}})
            or step.lead_id in (select id from returned)
        )
),
latest as (
    select max(cast(as_of as timestamp)) as complete_at
    from {{source "raw" "extract"}}
    where is_complete
),
unseen as (
    -- A complete extract that does not hold a lead proves that it is gone, and
    -- so does an export of all ids.
    select lead.id, cast(null as timestamp) as gone_at
    from {{ref "stg_lead_text"}} as lead
    cross join latest
    left join {{ref "stg_lead_missing"}} as missing on missing.id = lead.id
    where
        lead.seen_at < latest.complete_at
        or lead.seen_at < missing.missed_at
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
