select
    service,
    field,
    problem,
    count(*) as leads,
from {{ref "lead_hash"}}
where problem is not null
group by service, field, problem
order by service, field, leads desc, problem
