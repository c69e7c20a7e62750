select
    service,
    rule,
    cast(key as varchar) as key,
    hold,
    leads,
    people,
from {{ref "match_group"}}
where hold is not null
