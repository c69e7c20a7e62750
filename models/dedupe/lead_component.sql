-- A person's word is stronger than a rule, and a rule than a probability. Only
-- what a person keeps apart splits leads that rules connect, so that a link
-- weighs more than all pairs that nobody compared. A lead that a person took
-- out of matching is in no cluster at all.
select service as scope, a, b, 1000000.0 as weight, true as is_link, false as is_apart
from {{ref "candidate_pair"}}
union all
select scope, component, node, 500000.0, true, false
from {{ref "auto_person"}}
where component <> node
{{#each dedupe}}
union all
select
    {{name}},
    lead_id,
    other_id,
    if(kind = 'always_merge', 100000000.0, 0.0),
    kind = 'always_merge',
    kind = 'never_merge',
from {{ref "lead_override"}}
where
    kind in ('always_merge', 'never_merge')
    and lead_id not in (
        select lead_id from {{ref "lead_override"}} where kind = 'exclude'
    )
    and other_id not in (
        select lead_id from {{ref "lead_override"}} where kind = 'exclude'
    )
{{/each}}
