-- Leads of a small base are all compared with one another. In a larger one the
-- ways to find pairs that cost least come first, as far as the budget goes.
with scoped as (
    select service, count(*) as leads
    from {{ref "auto_scope"}}
    group by all
),
keyed as (
    select
        cast(null as varchar) as service,
        cast(null as integer) as block,
        cast(null as uhugeint) as key,
        cast(null as bigint) as id,
    where false
{{#if auto}}
    union all
    select scope.service, 0, 0, scope.id
    from {{ref "auto_scope"}} as scope
    join scoped using (service)
    where scoped.leads <= {{limit.compare_all}}
{{#each auto_blocks}}
    union all
    select
        scope.service,
        {{number}},
        cast({{key_hash columns of="value"}} as uhugeint),
        scope.id,
    from {{ref "auto_scope"}} as scope
    join scoped using (service)
    join {{ref "auto_value"}} as value using (id)
    where
        scoped.leads > {{../limit.compare_all}}
    {{#each columns}}
        and value.{{ident this}} is not null
    {{/each}}
{{/each}}
{{/if}}
),
sized as (
    select
        service,
        block,
        key,
        count(*) as leads,
        block > 0 and count(*) > {{limit.auto_block}} as is_oversize,
    from keyed
    group by service, block, key
    having count(*) > 1
),
priced as (
    select
        service,
        block,
        sum(leads * (leads - 1) // 2) filter (where not is_oversize) as pairs,
    from sized
    group by all
),
budgeted as (
    select
        priced.service,
        priced.block,
        sum(priced.pairs) over (
            partition by priced.service
            order by priced.pairs, priced.block
        ) <= greatest(
            {{limit.compare_all}} * {{limit.compare_all}},
            scoped.leads * {{limit.pairs_per_lead}}
        ) as is_used,
    from priced
    join scoped using (service)
)
select
    keyed.service,
    keyed.block,
    keyed.key,
    keyed.id,
    sized.leads,
    sized.is_oversize,
    budgeted.is_used and not sized.is_oversize as is_used,
from keyed
join sized using (service, block, key)
join budgeted using (service, block)
