select
    cast(id as bigint) as id,
    max(cast(deleted_at as timestamp)) as deleted_at,
from {{source "raw" "lead_delete"}}
group by all
