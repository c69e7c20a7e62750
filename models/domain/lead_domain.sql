with addressed as (
    select
        address.id,
        host.host,
        host.domain,
        host.unicode,
        case
            when host.type = 'business' and {{role_address "lead.email"}}
                then 'role'
            else host.type
        end as type,
        suggestion.suggestion,
        address.problem,
        company.company,
        suggestion.confidence,
    from {{ref "lead_address"}} as address
    join {{ref "surviving_lead"}} as lead on lead.id = address.id
    left join {{ref "email_host"}} as host on host.host = address.host
    left join {{ref "domain_suggestion"}} as suggestion
        on suggestion.domain = host.domain
    left join {{ref "domain_company"}} as company
        on company.domain = host.domain
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
{{#if is_suggestion}}
and confidence >= {{../confidence}}
{{/if}}
{{#if ../list}}
and id in (
    select lead_id from {{ref "list_member"}}
    where list_kind = {{../list.kind}} and list = {{../list.list}}
)
{{/if}}
{{/each}}
{{/each}}
