select
    pair.service as scope,
    pair.a,
    pair.b,
    pair.weight,
    pair.status = 'merge' as is_link,
    pair.is_apart,
from {{ref "scored_pair"}} as pair
join {{ref "auto_component"}} as one
    on one.scope = pair.service and one.node = pair.a
join {{ref "auto_component"}} as other
    on other.scope = pair.service and other.node = pair.b
where one.component = other.component
