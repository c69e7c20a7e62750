-- Tiers by percentile of what people spent: the top tenth, the upper half, and
-- everybody else who bought something.
with spent as (
    select
        lead.id,
        sum(purchase.quantity * product.price) as total,
    from {{ref "stg_lead"}} as lead
    join {{source "order"}} as purchase
        on lower(trim(purchase.email)) = lower(trim(lead.email))
    join {{source "product"}} as product using (sku)
    where purchase.status <> 'cancelled'
    group by lead.id
),
bound as (
    select
        quantile_cont(total, 0.9) as top,
        quantile_cont(total, 0.5) as middle,
    from spent
)
select
    spent.id,
    spent.total,
    case
        when spent.total >= bound.top then 'top'
        when spent.total >= bound.middle then 'upper'
        else 'lower'
    end as tier,
from spent
cross join bound
