with counted as (
    select
        domain,
        arg_max(type, row(leads, host)) as type,
        count(*) as hosts,
        sum(leads) as leads,
        any_value(suffix) as suffix,
        any_value(suffix_kind) as suffix_kind,
    from {{ref "email_host"}}
    group by domain
),
met as (
    select
        host.domain,
        min(try_cast({{column "createdAt" of="lead"}} as timestamp))
            as first_seen,
        max(try_cast({{column "createdAt" of="lead"}} as timestamp))
            as last_seen,
        count(address.problem) as malformed,
    from {{ref "lead_address"}} as address
    join {{ref "email_host"}} as host on host.host = address.host
    join {{ref "live_lead"}} as lead on lead.id = address.id
    group by host.domain
),
duplicate as (
    select host.domain, count(*) as clusters
    from (
        select distinct winner_id
        from {{ref "cluster"}}
    ) as cluster
    join {{ref "lead_address"}} as address on address.id = cluster.winner_id
    join {{ref "email_host"}} as host on host.host = address.host
    group by host.domain
)
select
    counted.domain,
    if(
        contains(counted.domain, 'xn--'),
        host_unicode(counted.domain), counted.domain
    ) as unicode,
    counted.suffix,
    counted.suffix_kind,
    counted.type,
    counted.hosts,
    counted.leads,
    coalesce(duplicate.clusters, 0) as clusters,
    met.malformed,
    company.company,
    company.company_leads,
    company.company_share,
    company.companies,
    suggestion.suggestion,
    suggestion.confidence as suggestion_confidence,
    suggestion.slip as suggestion_slip,
    met.first_seen,
    met.last_seen,
from counted
left join met on met.domain = counted.domain
left join duplicate on duplicate.domain = counted.domain
left join {{ref "domain_company"}} as company
    on company.domain = counted.domain
left join {{ref "domain_suggestion"}} as suggestion
    on suggestion.domain = counted.domain
order by counted.leads desc, counted.domain
