-- Everyone we know of: who they are, by their latest coverage, else by what a clinical source says.
--
-- grain: person_id
-- person_id                         the person, as the payer or the source knows them
-- first_name                        given name
-- last_name                         family name
-- name_suffix                       Jr, Sr, III
-- born_on                           day of birth
-- died_on                           day of death, when it is known and not after the run's day
-- sex                               female, male or unknown
-- race                              as the source has it
-- ethnicity                         as the source has it
-- language                          the language the person prefers
-- address                           street
-- city                              city
-- state                             state
-- zip_code                          ZIP code
-- phone                             telephone
-- email                             e-mail
-- payer                             insurer of the latest coverage
-- payer_type                        medicare, medicaid, commercial, … of the latest coverage; null without coverage
-- plan                              plan of the latest coverage
-- member_id                         card number of the latest coverage
-- first_enrolled_on                 first day of any coverage
-- last_enrolled_on                  last day of any coverage; 9999-12-31 while it has no end
-- is_covered                        whether a span of coverage contains the run's day
-- dual_status_code                  of the latest coverage
-- original_reason_entitlement_code  of the latest coverage
-- medicare_status_code              of the latest coverage
-- is_institutional                  lives in a nursing facility, by the latest coverage
-- in_hospice                        in hospice, by the latest coverage, while covered
-- pcp_npi                           the primary care provider the payer lists
-- identity_in_doubt                 two sources contradict each other on both the name and the birth date
-- age                               full years on the run's day
-- evidence                          the landed rows the identity comes from

with coverage as (
    select
        *,
        row_number() over (
            partition by person_id
            order by ends_on desc, starts_on desc, received_seq desc, evidence desc
        ) as place
    from input.eligibility
),

enrolled as (
    select
        c.person_id,
        min(c.starts_on) as first_enrolled_on,
        max(c.ends_on) as last_enrolled_on,
        max(case when c.starts_on <= r.as_of and c.ends_on >= r.as_of then 1 else 0 end) as covered,
        max(c.died_on) as died_on
    from input.eligibility as c
    cross join knowledge.run as r
    group by c.person_id
),

clinical as (
    select
        *,
        row_number() over (partition by person_id order by received_seq desc, evidence desc) as place
    from input.identity
),

said as (
    select person_id, number, source, lower(trim(last_name)) as last_name, lower(trim(first_name)) as first_name, born_on
    from input.eligibility
    union all
    select person_id, number, source, lower(trim(last_name)), lower(trim(first_name)), born_on
    from input.identity
),

-- Asked of what stands of each number by itself: what two joined records say differently was settled by joining them.
contradicted as (
    select person_id, number
    from said
    group by person_id, number
    having
        count(distinct born_on) > 1
        and (count(distinct last_name) > 1 or count(distinct first_name) > 1)
        and count(distinct source) > 1
),

doubt as (
    select person_id from contradicted group by person_id
),

joined as (
    select
        coalesce(c.person_id, k.person_id) as person_id,
        coalesce(c.first_name, k.first_name) as first_name,
        coalesce(c.last_name, k.last_name) as last_name,
        coalesce(c.name_suffix, k.name_suffix) as name_suffix,
        coalesce(c.born_on, k.born_on) as born_on,
        coalesce(e.died_on, k.died_on) as died_on,
        case when coalesce(c.sex, 'unknown') = 'unknown' then coalesce(k.sex, 'unknown') else c.sex end as sex,
        coalesce(c.race, k.race) as race,
        coalesce(c.ethnicity, k.ethnicity) as ethnicity,
        coalesce(c.language, k.language) as language,
        coalesce(c.address, k.address) as address,
        coalesce(c.city, k.city) as city,
        coalesce(c.state, k.state) as state,
        coalesce(c.zip_code, k.zip_code) as zip_code,
        coalesce(c.phone, k.phone) as phone,
        coalesce(c.email, k.email) as email,
        c.payer,
        c.payer_type,
        c.plan,
        c.member_id,
        e.first_enrolled_on,
        e.last_enrolled_on,
        coalesce(e.covered, 0) = 1 as is_covered,
        c.dual_status_code,
        c.original_reason_entitlement_code,
        c.medicare_status_code,
        coalesce(c.is_institutional, false) as is_institutional,
        coalesce(c.in_hospice, false) and coalesce(e.covered, 0) = 1 as in_hospice,
        c.pcp_npi,
        case
            when c.evidence is not null and k.evidence is not null then c.evidence || ';' || k.evidence
            else coalesce(c.evidence, k.evidence)
        end as evidence
    from (select * from coverage where place = 1) as c
    full outer join (select * from clinical where place = 1) as k on c.person_id = k.person_id
    left join enrolled as e on c.person_id = e.person_id
)

select
    j.person_id,
    j.first_name,
    j.last_name,
    j.name_suffix,
    j.born_on,
    case when j.died_on <= r.as_of then j.died_on end as died_on,
    j.sex,
    j.race,
    j.ethnicity,
    j.language,
    j.address,
    j.city,
    j.state,
    j.zip_code,
    j.phone,
    j.email,
    j.payer,
    j.payer_type,
    j.plan,
    j.member_id,
    j.first_enrolled_on,
    j.last_enrolled_on,
    j.is_covered,
    j.dual_status_code,
    j.original_reason_entitlement_code,
    j.medicare_status_code,
    j.is_institutional,
    j.in_hospice,
    j.pcp_npi,
    d.person_id is not null as identity_in_doubt,
    extract(year from r.as_of) - extract(year from j.born_on)
    - case
        when
            extract(month from r.as_of) * 100 + extract(day from r.as_of)
            < extract(month from j.born_on) * 100 + extract(day from j.born_on)
            then 1
        else 0
    end as age,
    j.evidence
from joined as j
cross join knowledge.run as r
left join doubt as d on j.person_id = d.person_id
