with applied as (
    select
        plan_row.lead_id,
        plan_row.kind,
        plan_row.before_values,
        plan_row.after_values,
        plan_row.reason ->> 'service' as service,
        outcome.run_id,
        plan_row.plan_hash,
        plan_row.row_id,
        outcome.ended_at as changed_at,
    from {{source "meta" "plan_row"}} as plan_row
    join {{source "meta" "outcome"}} as outcome using (plan_hash, row_id)
    -- What a restore made anew was no change of the lead that is gone.
    where outcome.status = 'done' and plan_row.kind <> 'create'
),
changed as (
    select
        *,
        unnest(json_keys(after_values)) as field,
    from applied
)
select
    lead_id,
    field,
    json_extract_string(before_values, '$."' || field || '"') as before,
    json_extract_string(after_values, '$."' || field || '"') as after,
    kind as changed_by,
    service,
    run_id,
    plan_hash,
    row_id,
    changed_at,
from changed
where
    json_extract_string(before_values, '$."' || field || '"')
    is distinct from
    json_extract_string(after_values, '$."' || field || '"')
