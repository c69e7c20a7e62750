select cast(null as varchar) as service, cast(null as bigint) as id
where false
{{#each auto}}
union all
select {{name}} as service, lead.id
from {{ref "live_lead"}} as lead
where
{{#each exclude}}
    not coalesce({{condition this of="lead"}}, false)
    and
{{/each}}
{{#if list}}
    lead.id in (
        select lead_id from {{ref "list_member"}}
        where list_kind = {{list.kind}} and list = {{list.list}}
    )
    and
{{/if}}
    lead.id not in (
        select lead_id from {{ref "lead_override"}} where kind = 'exclude'
    )
{{/each}}
