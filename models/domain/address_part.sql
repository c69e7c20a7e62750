-- What is wrong with an address is said in one word; the first that holds.
with trimmed as (
    select
        id,
        lower(regexp_replace(
            email,
            '^[\s\v\p{Z}\x{FEFF}]+|[\s\v\p{Z}\x{FEFF}]+$', '', 'g'
        )) as address,
    from {{ref "surviving_lead"}}
    where email is not null
),
parted as (
    select
        id,
        address,
        length(address) - length(replace(address, '@', '')) as ats,
        string_split(address, '@')[1] as name,
        string_split(address, '@')[2] as host,
    from trimmed
    where address <> ''
)
select
    id,
    case
        when ats > 1 and regexp_matches(address, '[,;]')
            then 'several_addresses'
        when ats = 0 then 'no_at'
        when ats > 1 then 'several_at'
        when name = '' then 'no_name'
        when host = '' then 'no_host'
        when regexp_matches(address, '[\s\v\p{Z}\x{FEFF}]') then 'space'
        when regexp_matches(address, '[\p{Cc}\p{Cf}<>()\[\]",;:\\]')
            then 'bad_character'
        when strlen(name) > 64 or strlen(address) > 254 then 'too_long'
        when starts_with(name, '.') or ends_with(name, '.')
            or contains(name, '..')
            then 'misplaced_dot'
    end as problem,
    if(
        ats = 1 and host <> ''
        and not regexp_matches(host, '[\s\v\p{Z}\x{FEFF}\p{Cc}<>()\[\]",;:\\]'),
        host, null
    ) as typed_host,
from parted
