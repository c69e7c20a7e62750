select
    id,
{{#each columns}}
    {{typed name type}} as {{ident name}},
{{/each}}
    seen_in_extract,
    seen_at,
from {{ref "stg_lead_text"}}
