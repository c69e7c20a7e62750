-- A lead that stays may get a value from one that goes.
with surviving as (
    select
        winner_id,
    {{#each hash_fields}}
        max(value) filter (where field = {{field}}) as {{ident column}},
    {{/each}}
    from {{ref "survivor"}}
    where field in {{list hash_field_names}}
    group by winner_id
)
select
    kept.id,
{{#each hash_fields}}
    coalesce(
        surviving.{{ident column}},
        nullif({{column field of="lead"}}, '')
    ) as {{ident column}},
{{/each}}
from {{ref "surviving_lead"}} as kept
join {{ref "live_lead"}} as lead on lead.id = kept.id
left join surviving on surviving.winner_id = kept.id
