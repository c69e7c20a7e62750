select lead.*
from {{ref "stg_lead_text"}} as lead
anti join {{ref "lead_fate"}} as fate on fate.id = lead.id
where coalesce(lower({{column "isAnonymous" of="lead"}}), 'false') <> 'true'
