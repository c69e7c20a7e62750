-- What a run wrote is in its plan, with the rule; so a hash that is no longer
-- right because of the rule can be told from one whose lead has changed.
with differing as (
    select
        cast(null as bigint) as id,
        cast(null as varchar) as service,
        cast(null as varchar) as field,
        cast(null as varchar) as rule,
        cast(null as varchar) as before,
    where false
{{#each hash}}
{{#each write}}
    union all
    select
        hash.id,
        hash.service,
        hash.field,
        hash.rule,
        {{column field of="lead"}} as before,
    from {{ref "lead_hash"}} as hash
    join {{ref "live_lead"}} as lead on lead.id = hash.id
    where hash.field = {{field}}
        and {{column field of="lead"}} <> ''
        and {{column field of="lead"}} <> hash.value
{{/each}}
{{/each}}
),
planned as (
    select
        differing.id,
        differing.field,
        outcome.ended_at,
        plan_row.plan_hash,
        json_extract_string(
            plan_row.reason, '$.from."' || differing.field || '".rule'
        ) as words,
        json_extract_string(
            plan_row.after_values, '$."' || differing.field || '"'
        ) as value,
    from differing
    join {{source "meta" "plan_row"}} as plan_row
        on plan_row.lead_id = differing.id
    join {{source "meta" "outcome"}} as outcome
        on outcome.plan_hash = plan_row.plan_hash
        and outcome.row_id = plan_row.row_id
    where outcome.status = 'done'
),
written as (
    select
        id,
        field,
        arg_max(
            struct_pack(
                words := string_split(words, '; was ')[1],
                value := value
            ),
            row(ended_at, plan_hash)
        ) as last,
    from planned
    where contains(words, ' of ') and not ends_with(words, 'left to Marketo')
    group by id, field
)
select
    differing.id,
    differing.service,
    differing.field,
    differing.rule,
    case
        when written.last.value is distinct from differing.before then null
        else nullif(written.last.words, differing.rule)
    end as was,
from differing
left join written
    on written.id = differing.id and written.field = differing.field
