unpivot (
    select
        cluster.winner_id,
        lead.id as lead_id,
    {{#each merge_columns}}
        nullif(lead.{{ident this}}, '') as {{ident this}},
    {{/each}}
    from {{ref "cluster"}} as cluster
    join {{ref "cluster_member"}} as member using (service, component)
    join {{ref "live_lead"}} as lead on lead.id = member.lead_id
    where cluster.status = 'merge'
)
on {{idents merge_columns}}
into name field value value
