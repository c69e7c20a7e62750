-- Kinds of streets have one spelling, a unit is one word with its number, and
-- the order of words does not count, so that `12 Main Street` and `Main St 12`
-- are one address.
with typed as (
    select distinct {{column "address" of="lead"}} as address
    from {{ref "live_lead"}} as lead
{{#unless uses.address}}
    where false
{{/unless}}
),
lined as (
    -- The line with the street: the first one that has a number.
    select
        address,
        coalesce(
            list_filter(
                string_split_regex(address, '[,;\n\r]+'),
                lambda line:
                    regexp_matches(line, '[0-9]')
                    and not {{begins_with "unit" "line"}}
            )[1],
            address
        ) as line,
    from typed
    where address is not null and not {{placeholder "address"}}
),
worded as materialized (
    -- Each step is made once: filters of later ones would repeat it.
    select
        address,
        string_split({{address_words "address"}}, ' ') as words,
        string_split({{address_words "line"}}, ' ') as line_words,
    from lined
),
spelt as materialized (
    select
        address,
        list_transform(
            words,
            lambda word: coalesce({{meaning "street" "word"}}, word)
        ) as words,
        list_transform(
            line_words,
            lambda word: coalesce({{meaning "street" "word"}}, word)
        ) as line_words,
    from worded
    where words is not null
),
numbered as materialized (
    -- In front or at the end, as countries have it.
    select
        address,
        words,
        line_words,
        case
            when regexp_full_match(line_words[1], '[0-9]+[a-z]?')
                then line_words[1]
            when regexp_full_match(line_words[-1], '[0-9]+[a-z]?')
                then line_words[-1]
            else
                list_filter(
                    line_words,
                    lambda word: regexp_full_match(word, '[0-9]+[a-z]?')
                )[1]
        end as house_number,
    from spelt
)
select
    address,
    array_to_string(list_sort(list_distinct(words)), ' ') as value,
    house_number,
    nullif(array_to_string(
        list_filter(
            line_words,
            lambda word:
                word is distinct from house_number
                and not starts_with(word, 'unit')
        ),
        ' '
    ), '') as street,
from numbered
