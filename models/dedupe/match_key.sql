select
    cast(null as varchar) as service,
    cast(null as integer) as rule,
    cast(null as bigint) as lead_id,
    cast(null as uhugeint) as key,
    cast(null as boolean) as names_person,
    cast(null as boolean) as names_mailbox,
where false
{{#each dedupe}}
{{#each match}}
{{#if is_same}}
union all
select
    {{../name}} as service,
    {{number}} as rule,
    lead_key.id as lead_id,
    cast({{key_hash columns of="lead_key"}} as uhugeint) as key,
    {{names_person}} as names_person,
    {{names_mailbox}} as names_mailbox,
from {{ref "lead_key"}} as lead_key
{{#if reads_lead}}
join {{ref "live_lead"}} as lead on lead.id = lead_key.id
{{/if}}
where
{{#each columns}}
    lead_key.{{ident this}} is not null
    and
{{/each}}
{{#each ../exclude}}
    not coalesce({{condition this of="lead"}}, false)
    and
{{/each}}
{{#if where}}
    {{condition where of="lead"}}
    and
{{/if}}
{{#each lists}}
    lead_key.id in (
        select lead_id from {{ref "list_member"}}
        where list_kind = {{kind}} and list = {{list}}
    )
    and
{{/each}}
    true
{{/if}}
{{/each}}
{{/each}}
