-- What services want to write and a field cannot hold. Nothing is planned while
-- there is one; what a service says to skip is counted here and written nowhere.
with wanted as (
    select service, field, id as lead_id, value, false as is_skipped
    from {{ref "lead_write"}}
    union all
    select
        merging.service,
        survivor.field,
        survivor.winner_id,
        survivor.value,
        false,
    from {{ref "load_merge_survivor"}} as survivor
    join {{ref "load_merge"}} as merging using (winner_id)
    where survivor.rule like 'stamp %'
{{#each enrich}}
{{#if skips}}
{{#each write}}
    union all
    select
        {{../name}},
        {{field}},
        lead.id,
        {{field_text rule type of="model"}},
        true,
    from {{ref ../model}} as model
    join {{ref "surviving_lead"}} as lead on lead.id = model.id
    where {{field_size rule type of="model"}} > {{length}}
    {{#if ../list}}
    and lead.id in (
        select lead_id from {{ref "list_member"}}
        where list_kind = {{../list.kind}} and list = {{../list.list}}
    )
    {{/if}}
{{/each}}
{{/if}}
{{/each}}
),
measured as (
    select
        wanted.service,
        wanted.field,
        wanted.value,
        wanted.is_skipped,
        contract.name is not null as is_known,
        contract.updateable,
        contract.data_type,
        contract.length,
        {{size "wanted.value" "contract.data_type"}} as size,
    from wanted
    left join {{source "raw" "field"}} as contract
        on contract.name = wanted.field
    where wanted.value is not null
),
judged as (
    select
        *,
        case
            when is_skipped then 'skipped'
            when not is_known then 'unknown'
            when not updateable then 'read_only'
            when not {{holds "measured.value" "measured.data_type"}} then 'type'
            when size > length then 'too_long'
        end as fault,
    from measured
)
select
    service,
    field,
    fault,
    data_type,
    length,
    max(size) as longest,
    count(*) as leads,
from judged
where fault is not null
group by all
