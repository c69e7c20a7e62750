-- A value that stands on several people is no evidence that two leads are one
-- person. People are told apart by their initials, in either order, so that a
-- typing error does not count as another person.
with shared as (
    select service, rule, key
    from {{ref "match_key"}}
    group by all
    having count(*) > 1
),
carrier as (
    select
        match_key.service,
        match_key.rule,
        match_key.key,
        match_key.lead_id,
        match_key.names_person,
        match_key.names_mailbox and lead_key.is_role_mailbox as is_role,
        array_to_string(
            list_sort(
                list_transform(
                    string_split(lead_key.person_name, ' '),
                    lambda word: left(word, 1)
                )
            ),
            ''
        ) as initials,
    {{#each apart}}
        lead_key.{{ident column}},
    {{/each}}
    {{#if uses.household}}
        lead_key.household,
    {{/if}}
    from {{ref "match_key"}} as match_key
    join shared using (service, rule, key)
    join {{ref "lead_key"}} as lead_key on lead_key.id = match_key.lead_id
)
select
    service,
    rule,
    key,
    count(*) as leads,
    min(lead_id) as hub_id,
    count(distinct initials) as people,
{{#each apart}}
    {{apart_conflict kind column}} as {{ident column}},
{{/each}}
    case
        when names_person then null
        when bool_or(is_role) and count(distinct initials) > 1
            then 'shared mailbox'
        when count(distinct initials) > {{limit.people}}
            then 'value of several people'
    end as hold,
from carrier
group by service, rule, key, names_person
