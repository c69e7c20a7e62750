-- Which leads a rule of similarity compares: those that are equal in one of
-- its blocks. A block of too many leads is split by how the compared values
-- begin, first coarsely, then finely; what is too large even then is skipped.
with member as (
    select
        cast(null as varchar) as service,
        cast(null as integer) as rule,
        cast(null as integer) as block,
        cast(null as bigint) as lead_id,
        cast(null as uhugeint) as whole,
        cast(null as uhugeint) as coarse,
        cast(null as uhugeint) as fine,
    where false
{{#each dedupe}}
{{#each match}}
{{#each blocks}}
    union all
    select
        {{../../name}} as service,
        {{../number}} as rule,
        {{number}} as block,
        lead_key.id as lead_id,
        cast({{key_hash columns of="lead_key"}} as uhugeint) as whole,
        cast({{key_hash columns coarse of="lead_key" letters=letters}} as uhugeint)
            as coarse,
        cast({{key_hash columns fine of="lead_key" letters=letters}} as uhugeint)
            as fine,
    from {{ref "lead_key"}} as lead_key
{{#if ../reads_lead}}
    join {{ref "live_lead"}} as lead on lead.id = lead_key.id
{{/if}}
    where
    {{#each columns}}
        lead_key.{{ident this}} is not null
        and
    {{/each}}
    {{#each ../similar}}
        lead_key.{{ident column}} is not null
        and
    {{/each}}
    {{#each ../../exclude}}
        not coalesce({{condition this of="lead"}}, false)
        and
    {{/each}}
    {{#if ../where}}
        {{condition ../where of="lead"}}
        and
    {{/if}}
    {{#each ../lists}}
        lead_key.id in (
            select lead_id from {{ref "list_member"}}
            where list_kind = {{kind}} and list = {{list}}
        )
        and
    {{/each}}
        true
{{/each}}
{{/each}}
{{/each}}
),
counted as (
    select
        *,
        count(*) over (partition by service, rule, block, whole) as leads_whole,
        count(*) over (partition by service, rule, block, coarse)
            as leads_coarse,
        count(*) over (partition by service, rule, block, fine) as leads_fine,
    from member
)
select
    service,
    rule,
    block,
    lead_id,
    case
        when leads_whole <= {{limit.block}} then whole
        when leads_coarse <= {{limit.block}} then coarse
        else fine
    end as key,
    case
        when leads_whole <= {{limit.block}} then leads_whole
        when leads_coarse <= {{limit.block}} then leads_coarse
        else leads_fine
    end as leads,
    case
        when leads_whole <= {{limit.block}} then 'whole'
        when least(leads_coarse, leads_fine) <= {{limit.block}} then 'split'
        else 'skipped'
    end as status,
from counted
where leads_whole > 1
