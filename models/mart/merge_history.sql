with planned as (
    select
        unnest(from_json(loser_ids, '["BIGINT"]')) as loser_id,
        plan_hash,
        row_id,
        reason,
    from {{source "meta" "plan_row"}}
    where kind = 'merge'
),
ours as (
    select
        planned.loser_id,
        planned.plan_hash,
        planned.row_id,
        outcome.run_id,
        planned.reason ->> 'service' as service,
        planned.reason ->> 'winner' as winner_reason,
    from planned
    join {{source "meta" "outcome"}} as outcome using (plan_hash, row_id)
    where outcome.status = 'done'
    qualify
        row_number() over (
            partition by planned.loser_id
            order by outcome.ended_at desc, planned.plan_hash
        ) = 1
),
restored as (
    select
        lead_id,
        arg_max(new_id, restored_at) as restored_as_id,
        max(restored_at) as restored_at,
    from {{source "meta" "restored"}}
    group by all
)
select
    merge.loser_id,
    merge.winner_id,
    fate.merged_into_id,
    merge.merged_at,
    ours.loser_id is not null as by_pipeline,
    ours.run_id,
    ours.plan_hash,
    ours.row_id,
    ours.service,
    ours.winner_reason,
    restored.restored_as_id,
    restored.restored_at,
from {{ref "stg_lead_merge"}} as merge
join {{ref "lead_fate"}} as fate on fate.id = merge.loser_id
left join ours on ours.loser_id = merge.loser_id
left join restored on restored.lead_id = merge.loser_id
