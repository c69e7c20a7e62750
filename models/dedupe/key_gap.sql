-- Which values are missing, and which are there and say nothing.
select
    id,
    unnest([
    {{#each keys}}
        {
            'key': {{name}},
            'reason': case
                when lead_key.{{ident column}} is not null then null
                when {{key_is_empty name of="lead"}} then 'empty'
                when {{key_is_placeholder name of="lead"}} then 'placeholder'
                else {{key_otherwise name}}
            end
        },
    {{/each}}
        { 'key': null, 'reason': null }
    ], recursive := true),
from {{ref "lead_key"}} as lead_key
join {{ref "live_lead"}} as lead using (id)
