-- The first order that was not cancelled decides; its number breaks a tie.
select
    lead.id,
    product.category,
from {{ref "stg_lead"}} as lead
join {{source "order"}} as purchase
    on lower(trim(purchase.email)) = lower(trim(lead.email))
join {{source "product"}} as product using (sku)
where purchase.status <> 'cancelled'
qualify
    row_number() over (
        partition by lead.id
        order by purchase.ordered_at, purchase.order_id
    ) = 1
