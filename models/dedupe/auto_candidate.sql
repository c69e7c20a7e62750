select distinct
    x.service,
    x.id as a,
    y.id as b,
from {{ref "auto_block"}} as x
join {{ref "auto_block"}} as y using (service, block, key)
where x.is_used and y.is_used and x.id < y.id
