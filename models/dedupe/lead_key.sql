select
    lead.id,
{{#each keys}}
    {{key name of="lead"}} as {{ident column}},
{{/each}}
{{#each differ}}
    {{plain_key field of="lead"}} as {{ident column}},
{{/each}}
    {{key "full_name" of="lead"}} as person_name,
    {{role_mailbox of="lead"}} as is_role_mailbox,
from {{ref "live_lead"}} as lead
{{#each phones}}
left join {{ref "phone_number"}} as {{ident alias}}
    on {{ident alias}}.phone = {{column field of="lead"}}
    and {{ident alias}}.country = coalesce({{column "country" of="lead"}}, '')
{{/each}}
