-- Under which name a host is registered, asked once for each host.
with host as (
    select {{mailbox_host (clean_email (column "email" of="lead"))}} as host
    from {{ref "live_lead"}} as lead
{{#unless uses.email_domain}}
    where false
{{/unless}}
    union
    select {{website_host (column "website" of="lead")}}
    from {{ref "live_lead"}} as lead
{{#unless uses.website}}
    where false
{{/unless}}
)
select host, registrable_domain(host) as domain
from host
where host is not null
