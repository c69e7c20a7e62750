with going as (
    select unnest(loser_ids) as id
    from {{ref "cluster"}}
    where status = 'merge'
),
survivor_email as (
    select winner_id, value as email
    from {{ref "survivor"}}
    where field = 'email'
),
addressed as (
    select
        lead.id,
        coalesce(survivor_email.email, {{column "email" of="lead"}}) as email,
    from {{ref "live_lead"}} as lead
    anti join going on going.id = lead.id
    left join survivor_email on survivor_email.winner_id = lead.id
)
select id, email, {{email_host "email"}} as email_host
from addressed
