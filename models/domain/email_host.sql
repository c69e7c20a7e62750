-- Disposable comes before free, because lists of free providers hold many
-- disposable ones; relay before both. A list that names a domain means every
-- host under it.
with counted as (
    select host, count(*) as leads
    from {{ref "lead_address"}}
    where host is not null
    group by host
),
known as (
    select
        host,
        leads,
        string_split(
            domain_fact(
                host,
                {{#if private_suffixes}}'private'{{else}}'icann'{{/if}}
            ),
            ' '
        ) as fact,
    from counted
),
named as (
    select
        host,
        leads,
        fact[1] as domain,
        fact[2] as suffix,
        fact[3] as suffix_kind,
    from known
),
above as (
    select
        host,
        unnest(list_transform(
            range(1, len(string_split(host, '.'))),
            lambda place: array_to_string(string_split(host, '.')[place:], '.')
        )) as domain,
    from named
),
listed as (
    select
        above.host,
        min(
            case
                when relay.domain is not null then 1
                when disposable.domain is not null then 2
                when free.domain is not null then 3
            end
        ) as provider,
    from above
    left join {{source "seed" "relay_domain"}} as relay
        on relay.domain = above.domain
    left join {{source "seed" "disposable_domain"}} as disposable
        on disposable.domain = above.domain
    left join {{source "seed" "free_domain"}} as free
        on free.domain = above.domain
    group by above.host
)
select
    named.host,
    if(contains(named.host, 'xn--'), host_unicode(named.host), named.host)
        as unicode,
    if(
        named.host = named.domain,
        null,
        left(named.host, length(named.host) - length(named.domain) - 1)
    ) as subdomain,
    named.domain,
    named.suffix,
    named.suffix_kind,
    case
        when listed.provider = 1 then 'relay'
        when listed.provider = 2 then 'disposable'
        when listed.provider = 3 then 'free'
        when regexp_matches(named.host, '(^|\.)(edu|ac)(\.[a-z]{2,3})?$')
            then 'education'
        when regexp_matches(named.host, '(^|\.)(gov|gouv|gob|govt|mil)(\.[a-z]{2,3})?$')
            then 'government'
        else 'business'
    end as type,
    named.leads,
from named
left join listed on listed.host = named.host
