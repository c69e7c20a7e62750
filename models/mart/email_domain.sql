select
    host,
    domain,
    type,
    suggestion,
    leads,
from {{ref "email_host"}}
