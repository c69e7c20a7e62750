with hashed as (
    select
        cast(null as bigint) as id,
        cast(null as varchar) as service,
        cast(null as varchar) as field,
        cast(null as varchar) as value,
        cast(null as varchar) as problem,
        cast(null as varchar) as rule,
    where false
{{#each hash}}
{{#each write}}
    union all
    select
        id,
        {{../name}} as service,
        {{field}} as field,
        {{hash_digest rule "text"}} as value,
        if(text is null, {{hash_problem rule "clean"}}, null) as problem,
        {{words}} as rule,
    from (
        select id, clean, {{hash_text rule "clean"}} as text
        from (
        {{#if is_phone}}
            select input.id, phone.fact as clean
            from {{ref "hash_input"}} as input
            join {{ref "hash_phone"}} as phone
                on phone.phone = input.{{ident column}}
                and phone.country = coalesce(input.input_country, '')
        {{else}}
            select input.id, {{hash_clean rule column}} as clean
            from {{ref "hash_input"}} as input
            where input.{{ident column}} is not null
        {{/if}}
        ) as cleaned
    {{#if ../list}}
        where id in (
            select lead_id from {{ref "list_member"}}
            where list_kind = {{../list.kind}} and list = {{../list.list}}
        )
    {{/if}}
    ) as worded
{{/each}}
{{/each}}
)
select id, service, field, value, problem, rule
from hashed
