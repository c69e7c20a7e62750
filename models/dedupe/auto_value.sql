-- A value that several people carry says nothing about who a lead is, so it is
-- left out: shared mailboxes, switchboards, company addresses.
{{#if auto}}
with keyed as (
    select
        id,
        key_email as email,
        string_split(key_email, '@')[1] as email_local,
        string_split(key_email, '@')[2] as email_host,
        key_first_name as first_name,
        key_first_name_root as first_root,
        key_last_name as last_name,
        key_name_suffix as suffix,
        replace(key_birth_date, '-', '') as birth_date,
        coalesce(key_phone, key_mobile_phone) as phone,
        key_address as address,
        key_city as city,
        key_postal_code as postal_code,
        key_company as company,
    {{#each auto_extras}}
        {{ident key}} as {{ident column}},
    {{/each}}
        is_role_mailbox,
        array_to_string(
            list_sort([left(key_first_name, 1), left(key_last_name, 1)]),
            ''
        ) as initials,
        array_to_string(
            list_sort(string_split(
                concat_ws(' ', key_first_name, key_last_name), ' '
            )),
            ' '
        ) as person_name,
    from {{ref "lead_key"}}
),
spread as (
    select 'email' as field, email as value
    from keyed
    where email is not null
    group by email
    having
        count(distinct initials) > {{limit.unlike}}
        or (bool_or(is_role_mailbox) and count(distinct person_name) > 1)
    union all
    select 'phone', phone
    from keyed
    where phone is not null
    group by phone
    having count(distinct initials) > {{limit.unlike}}
    union all
    select 'address', address
    from keyed
    where address is not null
    group by address
    having count(distinct initials) > {{limit.unlike}}
),
own as (
    select
        keyed.* replace (
            if(spread_email.value is null, email, null) as email,
            if(spread_email.value is null, email_local, null) as email_local,
            if(spread_email.value is null, email_host, null) as email_host,
            if(spread_phone.value is null, phone, null) as phone,
            if(spread_address.value is null, address, null) as address
        ),
        spread_email.value is not null as shares_email,
        spread_phone.value is not null as shares_phone,
        spread_address.value is not null as shares_address,
    from keyed
    left join spread as spread_email
        on spread_email.field = 'email' and spread_email.value = keyed.email
    left join spread as spread_phone
        on spread_phone.field = 'phone' and spread_phone.value = keyed.phone
    left join spread as spread_address
        on spread_address.field = 'address'
        and spread_address.value = keyed.address
),
total as (
    select
    {{#each auto_shares}}
        count({{ident this}}) as {{ident this}},
    {{/each}}
    from own
),
{{#each auto_shares}}
{{count_name this}} as (
    select {{ident this}} as value, count(*) as leads
    from own
    where {{ident this}} is not null
    group by all
    having count(*) > 1
),
{{/each}}
compared as (
    select
        own.* exclude (is_role_mailbox, initials),
        right(phone, 7) as phone_tail,
        left(first_name, 1) as first_initial,
        left(last_name, 1) as last_initial,
        left(last_name, 3) as last_start,
        nullif(array_to_string(
            list_sort(regexp_extract_all(address, '[0-9]+')), ' '
        ), '') as address_numbers,
        regexp_extract(address, '[0-9]+') as house_number,
        cast(try_strptime(birth_date, '%Y%m%d') as date) as birth_day,
    from own
)
select
    compared.*,
{{#each auto_shares}}
    coalesce({{count_name this}}.leads, 1)
        / greatest(total.{{ident this}}, 1) as {{share_name this}},
{{/each}}
    md5_number(cast(compared as varchar)) as fingerprint,
from compared
cross join total
{{#each auto_shares}}
left join {{count_name this}}
    on {{count_name this}}.value = compared.{{ident this}}
{{/each}}
{{else}}
select cast(null as bigint) as id
where false
{{/if}}
