-- One host can be typed in several ways; only those beyond plain ASCII are
-- worth asking about.
with typed as (
    select distinct typed_host as typed
    from {{ref "address_part"}}
    where typed_host is not null
),
named as (
    select
        typed,
        case
            when regexp_full_match(
                typed,
                '([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?'
            )
            and not contains(typed, 'xn--')
            then if(length(typed) <= 253, typed, null)
            else host_ascii(typed)
        end as host,
    from typed
)
select
    typed,
    host,
    case
        when host is not null then null
        when starts_with(typed, '.') or ends_with(typed, '.')
            or contains(typed, '..')
            then 'misplaced_dot'
        when regexp_full_match(typed, '[0-9.]+') then 'ip_address'
        when not contains(typed, '.') and strlen(typed) = length(typed)
            then 'no_suffix'
        when strlen(typed) > 253
            or regexp_matches(typed, '[^.]{64}')
            then 'too_long'
        else 'bad_host'
    end as problem,
from named
