select
    cast(id as bigint) as id,
    cast(missed_at as timestamp) as missed_at,
from {{source "raw" "lead_missing"}}
