with lead as (
    select
        lead.*,
        {{clean_email (column "email" of="lead")}} as clean_email,
    from {{ref "live_lead"}} as lead
    where
        lead.id not in (
            select lead_id from {{ref "lead_override"}} where kind = 'exclude'
        )
)
select
    lead.id,
{{#each keys}}
    {{key name of="lead"}} as {{ident column}},
{{/each}}
{{#each near}}
    {{near_key name}} as {{ident column}},
{{/each}}
{{#each apart}}
    {{apart_value kind field of="lead"}} as {{ident column}},
{{/each}}
{{#if uses.household}}
    {{household "lead"}} as household,
{{/if}}
    {{key "full_name" of="lead"}} as person_name,
    {{role_mailbox of="lead"}} as is_role_mailbox,
from lead
left join {{ref "name_value"}} as first_name_value
    on first_name_value.name = {{column "firstName" of="lead"}}
left join {{ref "name_value"}} as last_name_value
    on last_name_value.name = {{column "lastName" of="lead"}}
{{#if uses.company}}
left join {{ref "company_value"}} as company_value
    on company_value.company = {{column "company" of="lead"}}
{{/if}}
{{#if uses.address}}
left join {{ref "address_value"}} as address_value
    on address_value.address = {{column "address" of="lead"}}
{{/if}}
{{#if uses.country}}
left join {{ref "place_value"}} as country_value
    on country_value.kind = 'country'
    and country_value.name = {{column "country" of="lead"}}
{{/if}}
{{#if uses.state}}
left join {{ref "place_value"}} as state_value
    on state_value.kind = 'state'
    and state_value.name = {{column "state" of="lead"}}
{{/if}}
{{#if uses.email_domain}}
left join {{ref "host_value"}} as email_host_value
    on email_host_value.host = {{mailbox_host "lead.clean_email"}}
{{/if}}
{{#if uses.website}}
left join {{ref "host_value"}} as website_host_value
    on website_host_value.host = {{website_host (column "website" of="lead")}}
{{/if}}
{{#each phones}}
left join {{ref "phone_number"}} as {{ident alias}}
    on {{ident alias}}.phone = {{column field of="lead"}}
    and {{ident alias}}.country = coalesce({{column "country" of="lead"}}, '')
{{/each}}
