-- Why rules do not see a lead: which values are missing, and which are there
-- and say nothing.
select key, reason, count(*) as leads
from {{ref "key_gap"}}
where reason is not null
group by all
