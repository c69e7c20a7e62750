-- A domain one slip of the fingers away from one that many people have. Texts
-- within one slip of each other share what is left when some letter is left
-- out, so candidates are found by equality and not by comparing all with all.
with known as (
    select
        domain,
        any_value(suffix) as suffix,
        any_value(suffix_kind) as suffix_kind,
        bool_or(type = 'relay') as is_relay,
        bool_or(type in ('disposable', 'free')) as is_listed,
        sum(leads) as leads,
    from {{ref "email_host"}}
    group by domain
),
popular as (
    select
        domain,
        string_split(domain_fact(domain, 'icann'), ' ')[2] as suffix,
    from {{source "seed" "popular_domain"}}
),
target as (
    -- What everybody mistypes counts as if it had 10,000 leads more.
    select
        coalesce(known.domain, popular.domain) as domain,
        coalesce(known.suffix, popular.suffix) as suffix,
        coalesce(known.leads, 0) as leads,
        coalesce(known.leads, 0) + if(popular.domain is null, 0, 10000)
            as weight,
    from known
    full join popular on popular.domain = known.domain
    where popular.domain is not null or known.leads >= 20
),
typed as (
    select domain, suffix, suffix_kind, is_listed, leads
    from known
    where not is_relay
        and domain not in (select domain from {{source "seed" "genuine_domain"}})
),
named as (
    select
        domain,
        true as is_target,
        left(domain, length(domain) - length(suffix) - 1) as name,
    from target
    union all
    select
        domain,
        false,
        left(domain, length(domain) - length(suffix) - 1),
    from typed
),
trace as (
    select
        domain,
        is_target,
        unnest(list_append(
            list_transform(
                range(1, length(name) + 1),
                lambda place: left(name, place - 1) || substr(name, place + 1)
            ),
            name
        )) as left_over,
    from named
    where length(name) between 3 and 63
),
pair as (
    select distinct one.domain as typed, other.domain as target
    from trace as one
    join trace as other on other.left_over = one.left_over
    where not one.is_target and other.is_target
        and one.domain <> other.domain
),
compared as (
    select
        pair.typed as domain,
        pair.target as suggestion,
        typed.leads,
        target.leads as suggestion_leads,
        target.weight,
        typed.suffix_kind,
        typed.is_listed,
        left(typed.domain, length(typed.domain) - length(typed.suffix) - 1)
            as typed_name,
        left(target.domain, length(target.domain) - length(target.suffix) - 1)
            as name,
        typed.suffix as typed_suffix,
        target.suffix as suffix,
    from pair
    join typed on typed.domain = pair.typed
    join target on target.domain = pair.target
    where damerau_levenshtein(typed.suffix, target.suffix) <= 1
        and typed.leads < target.weight
),
placed as (
    select
        *,
        coalesce(
            list_filter(
                range(1, length(typed_name) + 1),
                lambda place: typed_name[place] <> name[place]
            )[1],
            length(typed_name)
        ) as place,
    from compared
    where damerau_levenshtein(typed_name, name) <= 1
),
slipped as (
    select
        placed.*,
        case
            when typed_name = name then 'none'
            when length(typed_name) = length(name)
                and levenshtein(typed_name, name) = 2
                then 'two letters exchanged'
            when length(typed_name) = length(name) and near.a is not null
                then 'a key beside'
            when length(typed_name) = length(name) then 'another letter'
            when length(typed_name) < length(name) then 'a letter missing'
            when typed_name[place]
                in (typed_name[place - 1], typed_name[place + 1])
                then 'a letter doubled'
            else 'a letter too many'
        end as slip,
    from placed
    left join {{source "seed" "key_neighbour"}} as near
        on near.a = typed_name[place] and near.b = name[place]
),
weighed as (
    -- How many leads slips would bring to this domain, beside how many real
    -- ones may have it: a few leads on an unlikely name speak for a slip, and
    -- a short name has many real neighbours.
    select
        *,
        weight
        * case
            when slip = 'none' then 1
            when slip in ('another letter', 'a letter too many') then 0.0002
            else 0.001
        end
        * case
            when typed_suffix = suffix then 1
            when suffix_kind = 'unknown' then 0.001
            when suffix = 'com' and typed_suffix in ('co', 'cm', 'om')
                then 0.0002
            else 0.000005
        end as by_slip,
        0.1 * leads
        * case length(name)
            when 3 then 100
            when 4 then 40
            when 5 then 10
            when 6 then 3
            else 1
        end
        * if(suffix_kind = 'unknown', 0.001, 1)
        * if(is_listed, 2, 1)
        * if(slip = 'none', 0.3, 1) as by_itself,
    from slipped
),
sure as (
    select
        domain,
        suggestion,
        round(by_slip / (by_slip + by_itself), 2) as confidence,
        case
            when slip = 'none' then 'another ending'
            when typed_suffix = suffix then slip
            else slip || ', another ending'
        end as slip,
        leads,
        suggestion_leads,
    from weighed
)
select *
from sure
where confidence >= 0.5
qualify
    row_number() over (
        partition by domain
        order by confidence desc, suggestion_leads desc, suggestion
    ) = 1
