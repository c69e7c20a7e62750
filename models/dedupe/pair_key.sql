-- Read for single pairs only: it stands for every lead beside every other.
select
    cast(null as varchar) as service,
    cast(null as integer) as rule,
    cast(null as varchar) as part,
    cast(null as integer) as block,
    cast(null as varchar) as key,
    cast(null as bigint) as a,
    cast(null as bigint) as b,
    cast(null as varchar) as a_value,
    cast(null as varchar) as b_value,
    cast(null as double) as similarity,
    cast(null as double) as threshold,
where false
{{#each dedupe}}
{{#each match}}
{{#each columns}}
union all
select
    {{../../name}}, {{../number}}, 'same', null, substr({{this}}, 5),
    a.id, b.id,
    cast(a.{{ident this}} as varchar), cast(b.{{ident this}} as varchar),
    if(a.{{ident this}} = b.{{ident this}}, 1.0, 0.0), 1.0,
from {{ref "lead_key"}} as a
join {{ref "lead_key"}} as b on b.id <> a.id
{{/each}}
{{#each similar}}
union all
select
    {{../../name}}, {{../number}}, 'similar', null, {{key}},
    a.id, b.id,
    cast(a.{{ident column}} as varchar), cast(b.{{ident column}} as varchar),
    {{similarity this}}, {{threshold}},
from {{ref "lead_key"}} as a
join {{ref "lead_key"}} as b on b.id <> a.id
{{/each}}
{{#each blocks}}
{{#each columns}}
union all
select
    {{../../../name}}, {{../../number}}, 'block', {{../number}},
    substr({{this}}, 5),
    a.id, b.id,
    cast(a.{{ident this}} as varchar), cast(b.{{ident this}} as varchar),
    if(a.{{ident this}} = b.{{ident this}}, 1.0, 0.0), 1.0,
from {{ref "lead_key"}} as a
join {{ref "lead_key"}} as b on b.id <> a.id
{{/each}}
{{/each}}
{{/each}}
{{/each}}
