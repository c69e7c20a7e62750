select
    hash.id,
    hash.service,
    hash.field,
    hash.value,
    concat(hash.rule, '; was ' || change.was) as reason,
from {{ref "lead_hash"}} as hash
left join {{ref "hash_change"}} as change
    on change.id = hash.id and change.field = hash.field
where hash.value is not null
union all
select id, service, field, value, service
from {{ref "lead_domain"}}
{{#each enrich}}
{{#each write}}
union all
select
    lead.id,
    {{../name}},
    {{field}},
    {{field_text rule type of="model"}},
    {{../name}},
from {{ref ../model}} as model
join {{ref "surviving_lead"}} as lead on lead.id = model.id
where {{field_text rule type of="model"}} is not null
{{#if ../skips}}
and coalesce({{field_size rule type of="model"}} <= {{length}}, true)
{{/if}}
{{#if ../list}}
and lead.id in (
    select lead_id from {{ref "list_member"}}
    where list_kind = {{../list.kind}} and list = {{../list.list}}
)
{{/if}}
{{/each}}
{{/each}}
