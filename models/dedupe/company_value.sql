-- Legal forms, little words, punctuation and spacing do not tell companies
-- apart: `Müller GmbH & Co. KG` is `muller`, and `Micro Soft` is `microsoft`.
with typed as (
    select distinct {{column "company" of="lead"}} as company
    from {{ref "live_lead"}} as lead
{{#unless uses.company}}
    where false
{{/unless}}
),
said as (
    -- The dots of an abbreviation hold it together: S.A.R.L., Inc.
    select
        company,
        regexp_replace(
            {{without_inside "joined_form" "company"}},
            '\b(\p{L})\.', '\1', 'g'
        ) as said,
    from typed
    where company is not null and not {{placeholder "company"}}
),
folded as materialized (
    -- Each step is made once: filters of later ones would repeat it.
    select company, {{words "said"}} as text
    from said
),
bare as materialized (
    select
        company,
        {{without_leading "leading_form" (without_trailing "legal_form" "text")}}
            as text,
    from folded
),
worded as (
    select
        company,
        list_filter(
            string_split(text, ' '),
            lambda word, i:
                word <> 'the' and not (
                    i > 1 and word in {{word_list "conjunction"}}
                )
        ) as words,
        string_split(text, ' ') as all_words,
    from bare
    where text is not null
),
form as materialized (
    select
        company,
        if(words = [], all_words, words) as words,
        array_to_string(if(words = [], all_words, words), '') as value,
    from worded
)
select
    company,
    value,
    array_to_string(list_sort(words), ' ') as sorted,
from form
where value not in {{word_list "company_gap"}}
