select
    cast(loser_id as bigint) as loser_id,
    cast(winner_id as bigint) as winner_id,
    cast(merged_at as timestamp) as merged_at,
from {{source "raw" "lead_merge"}}
where loser_id <> winner_id
qualify
    row_number() over (
        partition by loser_id
        order by cast(merged_at as timestamp) desc, cast(winner_id as bigint)
    ) = 1
