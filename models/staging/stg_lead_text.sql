-- The text that Marketo exported, untouched: what is compared and sent back
-- must be exactly this. Typed columns for people are in stg_lead.
select
    cast(lead.id as bigint) as id,
    lead.* exclude (id, _extract, _seen_at),
    lead._extract as seen_in_extract,
    lead._seen_at as seen_at,
from {{source "raw" "lead"}} as lead
