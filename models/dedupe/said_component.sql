-- A lead that is in no such pair is in no row.
select 'person' as scope, lead_id as a, other_id as b
from {{ref "lead_override"}}
where kind = 'always_merge'
