-- Marketo keeps the record with the highest CRM rank whatever it is told, so
-- that rank comes before what people chose and before every rule of the
-- pipeline. What these would choose without Marketo is own_rank.
with ranked as (
    select
        cast(null as varchar) as service,
        cast(null as bigint) as component,
        cast(null as bigint) as lead_id,
        cast(null as integer) as crm_rank,
        cast(null as integer) as live_rank,
        cast(null as bigint) as rank,
        cast(null as bigint) as own_rank,
        cast(null as varchar[]) as criteria,
    where false
{{#each dedupe}}
    union all
    select
        {{name}} as service,
        component,
        id as lead_id,
        crm_rank,
        live_rank,
        row_number() over (
            partition by component
            order by
                crm_rank desc,
                live_rank desc,
                is_chosen desc,
                {{winner_order ranking}}
        ) as rank,
        row_number() over (
            partition by component
            order by is_chosen desc, {{winner_order ranking}}
        ) as own_rank,
        list_prepend(
            cast(is_chosen as varchar),
            {{winner_criteria ranking}}
        ) as criteria,
    from
    {{#each winner_steps}}
        (
            select *, {{winner_step this ../ranking}} from
    {{/each}}
        (
            select
                component.component,
                lead.id,
                {{crm_rank of="lead"}} as crm_rank,
                {{live_rank of="lead"}} as live_rank,
                chosen.lead_id is not null as is_chosen,
                {{winner_values ranking of="lead"}},
            from {{ref "lead_component"}} as component
            join {{ref "live_lead"}} as lead on lead.id = component.node
            left join {{ref "lead_override"}} as chosen
                on chosen.kind = 'winner' and chosen.lead_id = lead.id
        {{#each winner_lists}}
            left join (
                select lead_id
                from {{ref "list_member"}}
                where list_kind = {{list.kind}} and list = {{list.list}}
            ) as {{ident alias}} on {{ident alias}}.lead_id = lead.id
        {{/each}}
            where component.scope = {{name}}
        )
    {{#each winner_steps}}
        )
    {{/each}}
{{/each}}
)
select *, rank = 1 as is_winner
from ranked
