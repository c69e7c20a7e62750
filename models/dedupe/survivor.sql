-- Values of the surviving record, field by field. Every rule but sum and union
-- takes one lead's value whole, so that its source can be told. What a person
-- decided outranks the rules, but for an opt-out, which nobody takes back.
with decided as (
    select
        cast(null as varchar) as service,
        cast(null as bigint) as winner_id,
        cast(null as struct(
            field varchar,
            value varchar,
            source_id bigint,
            rule varchar,
            is_consent boolean,
            is_opt_out boolean
        )[]) as fields,
    where false
{{#each dedupe}}
    union all
    select
        {{name}} as service,
        cluster.winner_id,
        [
        {{#each decided}}
            {{#unless @first}}
            ,
            {{/unless}}
            struct_pack(
                field := {{field}},
                value := {{survivor_value rule field}},
                source_id := {{survivor_source rule field}},
                rule := {{words}},
                is_consent := {{is_consent}},
                is_opt_out := {{is_opt_out}}
            )
        {{/each}}
        ] as fields,
    from {{ref "cluster"}} as cluster
    join {{ref "cluster_member"}} as member using (service, component)
    join {{ref "live_lead"}} as lead on lead.id = member.lead_id
    where cluster.service = {{name}} and cluster.status = 'merge'
    group by cluster.winner_id
{{/each}}
),
choice as (
    select
        member.service,
        cluster.winner_id,
        override.field,
        arg_min(override.value, member.rank) as value,
        arg_min(override.author, member.rank) as author,
        arg_min(override.reason, member.rank) as reason,
    from {{ref "lead_override"}} as override
    join {{ref "cluster_member"}} as member
        on member.lead_id = override.lead_id
    join {{ref "cluster"}} as cluster using (service, component)
    where override.kind = 'value' and cluster.status = 'merge'
    group by all
),
chosen as (
    select
        decided.service,
        decided.winner_id,
        decided.field.field,
        decided.field.value as decided_value,
        decided.field.source_id,
        decided.field.rule,
        decided.field.is_consent,
        decided.field.is_opt_out
        and coalesce(lower(decided.field.value) in ('true', '1'), false)
            as is_final,
    from (
        select service, winner_id, unnest(fields) as field
        from decided
    ) as decided
)
select
    service,
    winner_id,
    field,
    if(
        is_final,
        decided_value,
        coalesce(choice.value, decided_value)
    ) as value,
    if(choice.value is null or is_final, source_id, null) as source_id,
    if(
        choice.value is null or is_final,
        rule,
        format('choice of {}: {}', choice.author, choice.reason)
    ) as rule,
    is_consent,
from chosen
left join choice using (service, winner_id, field)
where choice.value is not null or decided_value is not null
