-- Each group of equal keys becomes a star around its smallest id, never all
-- pairs. Leads that differ where one person cannot are split into stars of
-- their own; a lead without that value joins only where no choice is left.
with star as (
    select
        cast(null as varchar) as service,
        cast(null as integer) as rule,
        cast(null as bigint) as hub_id,
        cast(null as bigint) as lead_id,
    where false
{{#each dedupe}}
    union all
    select
        match_group.service,
        match_group.rule,
        match_group.hub_id,
        match_key.lead_id,
    from {{ref "match_group"}} as match_group
    join {{ref "match_key"}} as match_key using (service, rule, key)
    where
        match_group.service = {{name}}
        and match_group.hold is null
    {{#each differ}}
        and not match_group.{{ident column}}
    {{/each}}
{{#if differ}}
    union all
    select
        match_group.service,
        match_group.rule,
        min(match_key.lead_id) over (
            partition by
                match_group.rule,
                match_group.key
            {{#each differ}}
                , if(
                    match_group.{{ident column}},
                    coalesce(lead_key.{{ident column}}, ''),
                    ''
                )
            {{/each}}
        ) as hub_id,
        match_key.lead_id,
    from {{ref "match_group"}} as match_group
    join {{ref "match_key"}} as match_key using (service, rule, key)
    join {{ref "lead_key"}} as lead_key on lead_key.id = match_key.lead_id
    where
        match_group.service = {{name}}
        and match_group.hold is null
        and (
        {{#each differ}}
            match_group.{{ident column}} or
        {{/each}}
            false
        )
{{/if}}
{{/each}}
)
select service, rule, hub_id as a, lead_id as b
from star
where hub_id <> lead_id
