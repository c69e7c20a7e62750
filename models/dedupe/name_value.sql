-- A name is worked on once, however many leads carry it. What is said to a
-- person (Dr), of a person (PhD) and after a name (Jr) is not the name.
with typed as (
    select {{column "firstName" of="lead"}} as name
    from {{ref "live_lead"}} as lead
    union
    select {{column "lastName" of="lead"}}
    from {{ref "live_lead"}} as lead
),
spaced as (
    select name, {{particles_apart "name"}} as spaced
    from typed
    where name is not null and not {{placeholder "name"}}
),
folded as materialized (
    -- Each step is made once: filters of later ones would repeat it.
    select name, {{words "spaced"}} as text
    from spaced
),
untitled as (
    select
        name,
        {{without_trailing "degree" (without_leading "title" "text")}} as text,
    from folded
),
suffixed as materialized (
    select name, text, {{last_word "suffix" "text"}} as suffix_word
    from untitled
),
bare as (
    select
        name,
        {{meaning "suffix" "suffix_word"}} as suffix,
        {{without_trailing "degree" (without_trailing "suffix" "text")}} as text,
    from suffixed
),
spelt as materialized (
    select
        name,
        suffix,
        {{one_spelling "text"}} as text,
    from bare
),
worded as (
    select
        name,
        suffix,
        list_filter(
            string_split(text, ' '),
            lambda word, i:
                i = 1 or not regexp_full_match(word, '[a-z]?')
        ) as given_words,
        list_filter(
            string_split({{joined_first "beginning" "text"}}, ' '),
            lambda word: word <> ''
        ) as family_words,
    from spelt
    where text <> ''
),
cored as (
    select
        *,
        list_filter(
            given_words,
            lambda word: word not in {{word_list "particle"}}
        ) as given_core,
        list_filter(
            family_words,
            lambda word: word not in {{word_list "particle"}}
        ) as family_core,
    from worded
),
form as (
    select
        name,
        suffix,
        array_to_string(given_words, '') as given,
        array_to_string(family_words, '') as family,
        if(given_core = [], given_words, given_core) as given_core,
        if(family_core = [], family_words, family_core) as family_core,
        array_to_string(
            if(family_core = [], family_words, family_core), ''
        ) as family_stem,
    from cored
),
nickname as (
    select {{one_spelling "name"}} as name, min({{one_spelling "root"}}) as root
    from {{source "seed" "nickname"}}
    group by all
)
select
    form.*,
    coalesce(nickname.root, form.given) as root,
{{#if uses.sound}}
    {{sound "form.family_stem"}} as sound,
{{/if}}
from form
left join nickname on nickname.name = form.given
