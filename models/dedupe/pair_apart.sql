-- Read for single pairs only: it stands for every lead beside every other.
select
    cast(null as varchar) as service,
    cast(null as varchar) as words,
    cast(null as bigint) as a,
    cast(null as bigint) as b,
    cast(null as varchar) as a_value,
    cast(null as varchar) as b_value,
    cast(null as boolean) as is_apart,
where false
{{#each dedupe}}
{{#each apart}}
union all
select
    {{../name}}, {{words}}, a.id, b.id,
    cast(a.{{ident column}} as varchar), cast(b.{{ident column}} as varchar),
    {{apart_pair kind column}},
from {{ref "lead_key"}} as a
join {{ref "lead_key"}} as b on b.id <> a.id
{{/each}}
{{/each}}
