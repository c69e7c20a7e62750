select
    cast(null as bigint) as id,
    cast(null as varchar) as service,
    cast(null as varchar) as field,
    cast(null as varchar) as value,
where false
{{#each hash}}
{{#each write}}
union all
select
    lead.id,
    {{../name}} as service,
    {{field}} as field,
    {{hashed rule "lead.email"}} as value,
from {{ref "surviving_lead"}} as lead
where lead.email is not null
{{#if ../list}}
and lead.id in (
    select lead_id from {{ref "stg_list_member"}}
    where list_kind = {{../list.kind}} and list = {{../list.list}}
)
{{/if}}
{{/each}}
{{/each}}
