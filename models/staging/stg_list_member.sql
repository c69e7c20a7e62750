select distinct
    list_kind,
    list,
    cast(lead_id as bigint) as lead_id,
from {{source "raw" "list_member"}}
