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
    {{#each apart}}
        and not match_group.{{ident column}}
    {{/each}}
{{#if apart}}
    union all
    select
        match_group.service,
        match_group.rule,
        min(match_key.lead_id) over (
            partition by
                match_group.rule,
                match_group.key
            {{#each apart}}
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
        {{#each apart}}
            match_group.{{ident column}} or
        {{/each}}
            false
        )
{{/if}}
{{/each}}
),
member as not materialized (
    select block.service, block.rule, block.block, block.key, lead_key.*
    from {{ref "match_block"}} as block
    join {{ref "lead_key"}} as lead_key on lead_key.id = block.lead_id
    where block.status <> 'skipped'
),
near as (
    select
        cast(null as varchar) as service,
        cast(null as integer) as rule,
        cast(null as bigint) as a,
        cast(null as bigint) as b,
        cast(null as double) as similarity,
        cast(null as varchar) as evidence,
    where false
{{#each dedupe}}
{{#each match}}
{{#if similar}}
    union all
    -- Leads may share several blocks; each pair counts once.
    select distinct
        {{../name}} as service,
        {{number}} as rule,
        a.id as a,
        b.id as b,
        {{mean_similarity similar}} as similarity,
        {{evidence similar}} as evidence,
    from member as a
    join member as b
        on b.service = a.service
        and b.rule = a.rule
        and b.block = a.block
        and b.key = a.key
        and b.id > a.id
    where
        a.service = {{../name}}
        and a.rule = {{number}}
        and
    {{#each ../apart}}
        not {{apart_pair kind column}}
        and
    {{/each}}
    {{#each similar}}
        {{similarity this}} >= {{threshold}}
        and
    {{/each}}
        true
{{/if}}
{{/each}}
{{/each}}
)
select
    service,
    rule,
    hub_id as a,
    lead_id as b,
    1.0 :: double as similarity,
    cast(null as varchar) as evidence,
from star
where hub_id <> lead_id
union all
select service, rule, a, b, similarity, evidence
from near
