-- Disposable comes before free, because lists of free providers hold many
-- disposable ones.
with counted as (
    select email_host as host, count(*) as leads
    from {{ref "surviving_lead"}}
    where email_host is not null
    group by all
),
named as (
    select host, leads, registrable_domain(host) as domain
    from counted
),
typed as (
    select
        named.host,
        named.domain,
        case
            when relay.domain is not null then 'relay'
            when disposable.domain is not null then 'disposable'
            when free.domain is not null then 'free'
        end as provider,
        named.leads,
    from named
    left join {{source "seed" "relay_domain"}} as relay
        on relay.domain = named.domain
    left join {{source "seed" "disposable_domain"}} as disposable
        on disposable.domain = named.domain
    left join {{source "seed" "free_domain"}} as free
        on free.domain = named.domain
),
mistyped as (
    -- One slip changes the length by one at most; that is cheap to compare.
    select typed.domain, min(popular.domain) as suggestion
    from (select distinct domain from typed where provider is null) as typed
    join {{source "seed" "popular_domain"}} as popular
        on abs(length(typed.domain) - length(popular.domain)) <= 1
        and damerau_levenshtein(typed.domain, popular.domain) = 1
    group by all
)
select
    typed.host,
    typed.domain,
    case
        when typed.provider is not null then typed.provider
        when regexp_matches(typed.host, '(^|\.)(edu|ac)(\.[a-z]{2,3})?$')
            then 'education'
        when regexp_matches(typed.host, '(^|\.)(gov|gouv|gob|govt|mil)(\.[a-z]{2,3})?$')
            then 'government'
        else 'business'
    end as type,
    if(typed.provider is null, mistyped.suggestion, null) as suggestion,
    typed.leads,
from typed
left join mistyped on mistyped.domain = typed.domain
