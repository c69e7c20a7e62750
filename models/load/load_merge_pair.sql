-- Only what a person can read: of large clusters the first fifty pairs.
with pair as (
    select service, rule, a, b, similarity, probability, evidence
    from {{ref "match_pair"}}
    where status in ('match', 'merge')
{{#each dedupe}}
    union all
    select
        {{name}}, -1, lead_id, other_id, null, null,
        format('{}: {}', author, reason),
    from {{ref "lead_override"}}
    where kind = 'always_merge'
{{/each}}
)
select
    cluster.winner_id,
    pair.a,
    pair.b,
    pair.rule,
    pair.similarity,
    pair.probability,
    pair.evidence,
from pair
join {{ref "cluster_member"}} as one
    on one.service = pair.service and one.lead_id = pair.a
join {{ref "cluster_member"}} as other
    on other.service = pair.service
    and other.lead_id = pair.b
    and other.component = one.component
join {{ref "cluster"}} as cluster
    on cluster.service = one.service and cluster.component = one.component
where cluster.status = 'merge'
qualify
    row_number() over (
        partition by cluster.winner_id
        order by pair.rule, pair.a, pair.b
    ) <= 50
