-- Disposable comes before free, because lists of free providers hold many
-- disposable ones.
with addressed as (
    select {{email_host "email"}} as host
    from {{ref "surviving_lead"}}
),
counted as (
    select host, count(*) as leads
    from addressed
    where host is not null
    group by host
),
named as (
    select host, leads, registrable_domain(host) as domain
    from counted
)
select
    named.host,
    named.domain,
    case
        when relay.domain is not null then 'relay'
        when disposable.domain is not null then 'disposable'
        when free.domain is not null then 'free'
        when regexp_matches(named.host, '(^|\.)(edu|ac)(\.[a-z]{2,3})?$')
            then 'education'
        when regexp_matches(named.host, '(^|\.)(gov|gouv|gob|govt|mil)(\.[a-z]{2,3})?$')
            then 'government'
        else 'business'
    end as type,
    case
        when relay.domain is null
            and disposable.domain is null
            and free.domain is null
            then (
                select min(popular.domain)
                from {{source "seed" "popular_domain"}} as popular
                where damerau_levenshtein(named.domain, popular.domain) = 1
            )
    end as suggestion,
    named.leads,
from named
left join {{source "seed" "relay_domain"}} as relay
    on relay.domain = named.domain
left join {{source "seed" "disposable_domain"}} as disposable
    on disposable.domain = named.domain
left join {{source "seed" "free_domain"}} as free
    on free.domain = named.domain
