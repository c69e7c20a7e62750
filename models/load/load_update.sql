-- Only real changes are written: a value already equal is not a plan row.
with merging as (
    select winner_id as id from {{ref "load_merge"}}
    union all
    select unnest(loser_ids) from {{ref "load_merge"}}
),
compared as (
    select
        lead_write.id,
        lead_write.field,
        case lead_write.field
        {{#each write_columns}}
            when {{this}} then nullif({{column this of="lead"}}, '')
        {{else}}
            when '' then ''
        {{/each}}
            else null
        end as before,
        lead_write.value as after,
        lead_write.service,
        lead_write.reason,
    from {{ref "lead_write"}} as lead_write
    join {{ref "live_lead"}} as lead on lead.id = lead_write.id
    anti join merging on merging.id = lead_write.id
    -- Whom a person wants to be left alone, nothing writes to.
    anti join (
        select lead_id from {{ref "lead_override"}} where kind = 'exclude'
    ) as excluded
        on excluded.lead_id = lead_write.id
)
select id, field, before, after, service, reason
from compared
where before is distinct from after
