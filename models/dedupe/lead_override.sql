-- A lead that was merged away since the decision stands for the one that holds
-- it now. A pair that became one lead, and a lead that is gone, decide nothing.
with followed as (
    select
        override.kind,
        coalesce(fate.merged_into_id, override.lead_id) as lead_id,
        coalesce(other_fate.merged_into_id, override.other_id) as other_id,
        override.field,
        override.value,
        override.author,
        override.reason,
        override.until,
        override.lead_id as decided_lead_id,
        override.other_id as decided_other_id,
    from {{source "seed" "override"}} as override
    left join {{ref "lead_fate"}} as fate on fate.id = override.lead_id
    left join {{ref "lead_fate"}} as other_fate
        on other_fate.id = override.other_id
)
select
    kind,
    least(lead_id, coalesce(other_id, lead_id)) as lead_id,
    if(other_id is null, null, greatest(lead_id, other_id)) as other_id,
    field,
    value,
    author,
    reason,
    until,
from followed
where
    (other_id is null or other_id <> lead_id)
    and lead_id in (select id from {{ref "live_lead"}})
    and (other_id is null or other_id in (select id from {{ref "live_lead"}}))
qualify
    row_number() over (
        partition by
            least(lead_id, coalesce(other_id, lead_id)),
            greatest(lead_id, other_id),
            if(other_id is null, kind, ''),
            field
        order by
            -- Of decisions that came to be about the same leads, the cautious.
            kind = 'never_merge' desc,
            decided_lead_id,
            decided_other_id
    ) = 1
