-- Values of the surviving record, field by field. Every rule but sum and union
-- takes one lead's value whole, so that its source can be told.
with decided as (
    select
        cast(null as varchar) as service,
        cast(null as bigint) as winner_id,
        cast(null as struct(
            field varchar,
            value varchar,
            source_id bigint,
            rule varchar,
            is_consent boolean
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
                is_consent := {{is_consent}}
            )
        {{/each}}
        ] as fields,
    from {{ref "cluster"}} as cluster
    join {{ref "cluster_member"}} as member using (service, component)
    join {{ref "live_lead"}} as lead on lead.id = member.lead_id
    where cluster.service = {{name}} and cluster.status = 'merge'
    group by cluster.winner_id
{{/each}}
)
select
    service,
    winner_id,
    field.field,
    field.value,
    field.source_id,
    field.rule,
    field.is_consent,
from (
    select service, winner_id, unnest(fields) as field
    from decided
)
where field.value is not null
