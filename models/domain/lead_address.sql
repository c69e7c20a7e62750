select
    part.id,
    typed_host.host,
    coalesce(part.problem, typed_host.problem) as problem,
from {{ref "address_part"}} as part
left join {{ref "typed_host"}} as typed_host
    on typed_host.typed = part.typed_host
