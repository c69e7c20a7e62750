-- Whether a rule looks at a lead at all, whatever its keys are.
select
    cast(null as varchar) as service,
    cast(null as integer) as rule,
    cast(null as bigint) as lead_id,
    cast(null as boolean) as is_excluded,
    cast(null as boolean) as is_meant,
    cast(null as boolean) as is_listed,
where false
{{#each dedupe}}
{{#each match}}
union all
select
    {{../name}},
    {{number}},
    lead.id,
    {{#each ../exclude}}
    coalesce({{condition this of="lead"}}, false) or
    {{/each}}
    false,
    {{#if where}}
    coalesce({{condition where of="lead"}}, false)
    {{else}}
    true
    {{/if}},
    {{#each lists}}
    lead.id in (
        select lead_id from {{ref "list_member"}}
        where list_kind = {{kind}} and list = {{list}}
    ) and
    {{/each}}
    true,
from {{ref "live_lead"}} as lead
{{/each}}
{{/each}}
