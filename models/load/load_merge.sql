with rule_word (service, rule, words) as (
    select null, null, null
    where false
{{#each dedupe}}
    union all
    select {{name}}, 0, {{auto_words}}
    union all
    select {{name}}, -1, 'a person said so'
{{#each match}}
    union all
    select {{../name}}, {{number}}, {{words}}
{{/each}}
{{/each}}
),
worded as (
    select found.service, found.rules, list(words order by rule) as words
    from (
        select distinct service, rules
        from {{ref "cluster"}}
    ) as found
    join rule_word
        on rule_word.service = found.service
        and list_contains(found.rules, rule_word.rule)
    group by all
)
select
    cluster.winner_id,
    cluster.loser_ids,
    cluster.service,
    worded.words as rules,
    cluster.decided_by as winner_reason,
    cluster.crm_linked,
    cluster.crm_linked > 1 as merge_in_crm,
from {{ref "cluster"}} as cluster
left join worded using (service, rules)
where cluster.status = 'merge'
