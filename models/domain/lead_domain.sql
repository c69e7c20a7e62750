with addressed as (
    select
        lead.id,
        host.host,
        host.domain,
        case
            when host.type = 'business' and {{role_address "lead.email"}}
                then 'role'
            else host.type
        end as type,
        host.suggestion,
    from {{ref "surviving_lead"}} as lead
    join {{ref "email_host"}} as host
        on host.host = lead.email_host
)
select
    cast(null as bigint) as id,
    cast(null as varchar) as service,
    cast(null as varchar) as field,
    cast(null as varchar) as value,
where false
{{#each domain}}
{{#each write}}
union all
select id, {{../name}}, {{field}}, {{ident rule}}
from addressed
where {{ident rule}} is not null
{{#if ../list}}
and id in (
    select lead_id from {{ref "stg_list_member"}}
    where list_kind = {{../list.kind}} and list = {{../list.list}}
)
{{/if}}
{{/each}}
{{/each}}
