-- What the demo's models decide, as one would write it by hand for DuckDB,
-- for the leads of one pipeline whose rules never change. One statement per
-- paragraph; the connected components between them are a loop in bare.ts.

create schema by_hand;

create table by_hand.key as
select
    cast(id as bigint) as id,
    case
        when email like '%_@_%._%'
            then split_part(split_part(lower(trim(email)), '@', 1), '+', 1)
                || '@' || split_part(lower(trim(email)), '@', 2)
    end as email,
    nullif(lower(strip_accents(trim(firstName))), '') as first_name,
    nullif(lower(strip_accents(trim(lastName))), '') as last_name,
    nullif(lower(strip_accents(trim(company))), '') as company,
    nullif(right(regexp_replace(phone, '[^0-9]', '', 'g'), 9), '') as phone
from raw.lead;

create table by_hand.edge as
with matched as (
    select id, hash(1, email) as key from by_hand.key where email is not null
    union all
    select id, hash(2, phone, last_name) from by_hand.key
    where phone is not null and last_name is not null
    union all
    select id, hash(3, first_name, last_name, company) from by_hand.key
    where
        first_name is not null
        and last_name is not null
        and company is not null
)
select distinct hub as a, id as b
from (select id, min(id) over (partition by key) as hub from matched)
where id <> hub;

-- components

create table by_hand.member as
select
    label.component,
    lead.*,
    row_number() over (
        partition by label.component
        order by
            case lower(lead.sfdcType)
                when 'contact' then 2
                when 'lead' then 1
                else 0
            end desc,
            try_cast(lead.leadScore as double) desc nulls last,
            try_cast(lead.updatedAt as timestamp) desc nulls last,
            label.id
    ) as rank
from by_hand.label as label
join raw.lead as lead on cast(lead.id as bigint) = label.id;

create table by_hand.survivor as
select
    component,
    min_by(cast(id as bigint), rank) as winner_id,
    count(*) as leads,
    min_by(email, rank) as email,
    min_by(firstName, rank) as firstName,
    min_by(lastName, rank) as lastName,
    min_by(company, rank) as company,
    min_by(country, rank) as country,
    min_by(title, rank) as title,
    min_by(city, rank) as city,
    min_by(state, rank) as state,
    min_by(industry, rank) as industry,
    min_by(leadStatus, rank) as leadStatus,
    min_by(leadSource, rank) as leadSource,
    min_by(phone, rank) as phone,
    max(try_cast(leadScore as double)) as leadScore,
    bool_or(unsubscribed = 'true') as unsubscribed,
    bool_or(emailInvalid = 'true') as emailInvalid,
    bool_or(emailSuspended = 'true') as emailSuspended,
    bool_or(marketingSuspended = 'true') as marketingSuspended,
    bool_or(blackListed = 'true') as blackListed
from by_hand.member
group by component;

create table by_hand.host as
select
    found.host,
    case
        when relay.domain is not null then 'relay'
        when disposable.domain is not null then 'disposable'
        when free.domain is not null then 'free'
        else 'business'
    end as type
from (
    select distinct split_part(lower(trim(email)), '@', 2) as host
    from raw.lead
) as found
left join seed.relay_domain as relay on relay.domain = found.host
left join seed.disposable_domain as disposable
    on disposable.domain = found.host
left join seed.free_domain as free on free.domain = found.host;

create table by_hand.lead as
select
    lead.*,
    coalesce(survivor.winner_id, cast(lead.id as bigint)) as cluster_id,
    sha256(lower(trim(lead.email))) as email_sha256,
    host.host as email_domain,
    host.type as email_domain_type
from raw.lead as lead
left join by_hand.label as label on label.id = cast(lead.id as bigint)
left join by_hand.survivor as survivor using (component)
left join by_hand.host as host
    on host.host = split_part(lower(trim(lead.email)), '@', 2);
