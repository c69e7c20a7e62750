-- Only numbers whose last seven digits stand on several leads can match, and
-- parsing is the dear part, so only those are parsed.
with typed as (
{{#each phones}}
    {{#unless @first}}
    union all
    {{/unless}}
    select
        id,
        {{column field of="lead"}} as phone,
        coalesce({{column "country" of="lead"}}, '') as country,
    from {{ref "live_lead"}} as lead
    where {{column field of="lead"}} is not null
{{else}}
    select 0 as id, '' as phone, '' as country
    where false
{{/each}}
),
dialled as (
    select
        *,
        regexp_replace(
            regexp_replace(phone, '(?i)(ext|x|#|;).*$', ''),
            '[^0-9]', '', 'g'
        ) as number,
    from typed
),
digits as (
    select *, right(number, 7) as tail
    from dialled
    where not {{placeholder "number"}}
),
shared as (
    select tail
    from digits
    where length(tail) = 7
    group by all
    having min(id) < max(id)
),
number as (
    select distinct phone, country
    from digits
    semi join shared using (tail)
)
select
    phone,
    country,
    phone_e164(phone, country) as e164,
from number
