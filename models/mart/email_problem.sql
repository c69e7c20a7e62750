select
    address.id as lead_id,
    address.problem,
    address.host,
    suggestion.suggestion,
    suggestion.confidence,
from {{ref "lead_address"}} as address
left join {{ref "email_host"}} as host on host.host = address.host
left join {{ref "domain_suggestion"}} as suggestion
    on suggestion.domain = host.domain
where address.problem is not null or suggestion.suggestion is not null
order by address.id
