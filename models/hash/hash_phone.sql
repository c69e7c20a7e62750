-- Parsing is the dear part, so every typed number is parsed once.
with typed as (
    select '' as phone, '' as country
    where false
{{#each hash_phones}}
    union
    select
        {{ident this}} as phone,
        coalesce(input_country, '') as country,
    from {{ref "hash_input"}}
    where {{ident this}} is not null
{{/each}}
)
select phone, country, phone_fact(phone, country) as fact
from typed
