-- The company that most leads of a domain name; a provider's leads work for
-- anybody.
with named as (
    select
        host.domain,
        coalesce(
            company_value.value, {{plain_key "company" of="lead"}}
        ) as company_key,
        trim({{column "company" of="lead"}}) as company,
    from {{ref "lead_address"}} as address
    join {{ref "email_host"}} as host on host.host = address.host
    join {{ref "live_lead"}} as lead on lead.id = address.id
    left join {{ref "company_value"}} as company_value
        on company_value.company = {{column "company" of="lead"}}
    where host.type in ('business', 'education', 'government')
),
spelt as (
    select domain, company_key, company, count(*) as leads
    from named
    where company_key is not null
    group by domain, company_key, company
),
counted as (
    select
        domain,
        company_key,
        arg_max(company, row(leads, company)) as company,
        sum(leads) as leads,
    from spelt
    group by domain, company_key
)
select
    domain,
    arg_max(company, row(leads, company_key)) as company,
    max(leads) as company_leads,
    round(max(leads) / sum(leads), 3) as company_share,
    count(*) as companies,
from counted
group by domain
