with rule_word (service, rule, words) as (
    select null, null, null
    where false
{{#each dedupe}}
{{#each match}}
    union all
    select {{../name}}, {{number}}, {{words}}
{{/each}}
{{/each}}
)
select
    cluster.winner_id,
    cluster.loser_ids,
    cluster.service,
    (
        select list(words order by rule)
        from rule_word
        where
            rule_word.service = cluster.service
            and list_contains(cluster.rules, rule_word.rule)
    ) as rules,
    cluster.decided_by as winner_reason,
    cluster.crm_linked,
    cluster.crm_linked > 1 as merge_in_crm,
from {{ref "cluster"}} as cluster
where cluster.status = 'merge'
