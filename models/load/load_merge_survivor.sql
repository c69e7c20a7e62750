-- A value that a service writes on the survivor outranks what its leads held:
-- survivor decides no field that any service writes.
with stamped as (
    select
        cast(null as bigint) as winner_id,
        cast(null as varchar) as field,
        cast(null as varchar) as value,
        cast(null as varchar) as rule,
    where false
{{#each dedupe}}
{{#each stamp}}
    union all
    select
        cluster.winner_id,
        {{field}},
        {{stamp_value rule}},
        {{text "stamp " rule}},
    from {{ref "cluster"}} as cluster
    join {{ref "load_merge"}} as load_merge using (winner_id)
    left join (
        select
            winner_id,
            sum(try_cast(value as bigint)) as total,
            string_agg(value, ',' order by lead_id) as ids,
        from {{ref "load_merge_before"}}
        where field = {{field}}
        group by all
    ) as prior using (winner_id)
    left join (
        select winner_id, string_agg(value, ',' order by lead_id) as ids
        from {{ref "load_merge_before"}}
        where field = {{../ids_stamp}}
        group by all
    ) as known using (winner_id)
    where cluster.status = 'merge' and cluster.service = {{../name}}
{{/each}}
{{/each}}
    union all
    select lead_write.id, lead_write.field, lead_write.value, lead_write.reason
    from {{ref "lead_write"}} as lead_write
    semi join {{ref "load_merge"}} as load_merge
        on load_merge.winner_id = lead_write.id
)
select
    winner_id,
    field,
    value,
    cast(null as bigint) as source_id,
    rule,
    false as is_consent,
from stamped
union all
select winner_id, field, value, source_id, rule, is_consent
from {{ref "survivor"}}
