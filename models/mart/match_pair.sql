select
    service,
    rule,
    a,
    b,
    similarity,
    cast(null as double) as probability,
    evidence,
    'match' as status,
from {{ref "candidate_pair"}}
union all
-- Rule 0 is the comparison by probability.
select service, 0, a, b, null, probability, evidence, status
from {{ref "scored_pair"}}
where status in ('merge', 'review')
