with declared as (
    select
        cast(null as varchar) as service,
        cast(null as varchar) as field,
        cast(null as varchar) as rule,
        cast(null as varchar) as profile,
        cast(null as integer) as version,
        cast(null as varchar) as algorithm,
        cast(null as boolean) as is_legacy,
    where false
{{#each hash}}
{{#each write}}
    union all
    select
        {{../name}},
        {{field}},
        {{words}},
        {{rule.profile}},
        {{rule.version}},
        {{rule.algorithm}},
        {{is_legacy}},
{{/each}}
{{/each}}
),
counted as (
    select
        field,
        count(*) as leads,
        count(value) as hashed,
        count(problem) as not_hashed,
    from {{ref "lead_hash"}}
    group by field
),
changing as (
    select
        field,
        count(*) as changing,
        count(was) as rehashed,
    from {{ref "hash_change"}}
    group by field
)
select
    declared.service,
    declared.field,
    declared.rule,
    declared.profile,
    declared.version,
    declared.algorithm,
    declared.is_legacy,
    coalesce(counted.leads, 0) as leads,
    coalesce(counted.hashed, 0) as hashed,
    coalesce(counted.not_hashed, 0) as not_hashed,
    coalesce(changing.changing, 0) as changing,
    coalesce(changing.rehashed, 0) as rehashed,
from declared
left join counted on counted.field = declared.field
left join changing on changing.field = declared.field
order by declared.service, declared.field
