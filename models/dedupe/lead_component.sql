select distinct service as scope, a, b
from {{ref "candidate_pair"}}
