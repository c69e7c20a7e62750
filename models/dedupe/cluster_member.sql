-- Marketo keeps the record with the highest CRM rank whatever it is told, so
-- that rank comes before every rule of the pipeline.
with member as (
    select
        component.scope as service,
        component.component,
        lead.*,
        {{crm_rank of="lead"}} as crm_rank,
    from {{ref "lead_component"}} as component
    join {{ref "live_lead"}} as lead on lead.id = component.node
),
ranked as (
    select
        cast(null as varchar) as service,
        cast(null as bigint) as component,
        cast(null as bigint) as lead_id,
        cast(null as integer) as crm_rank,
        cast(null as bigint) as rank,
        cast(null as varchar[]) as criteria,
    where false
{{#each dedupe}}
    union all
    select
        service,
        component,
        id as lead_id,
        crm_rank,
        row_number() over (
            partition by component
            order by crm_rank desc, {{winner_order winner of="member"}}
        ) as rank,
        {{winner_criteria winner of="member"}} as criteria,
    from member
    where service = {{name}}
{{/each}}
)
select *, rank = 1 as is_winner
from ranked
