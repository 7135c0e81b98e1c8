-- Coverage rows as they count: of the same span sent twice, the latest delivery; spans that end before they begin left out,
-- and rows of feeds protected by 42 CFR Part 2: that someone is known there is itself protected.
--
-- grain: evidence
-- person_id                         the person; numbers of records that were joined are counted as one
-- number                            the number the payer knows them by
-- member_id                         the number on the insurance card
-- first_name                        given name
-- last_name                         family name
-- name_suffix                       Jr, Sr, III
-- sex                               female, male or unknown
-- born_on                           day of birth
-- died_on                           day of death; the last day known alive is not guessed
-- race                              as the payer has it
-- ethnicity                         as the payer has it
-- language                          the language the person prefers
-- address                           street
-- city                              city
-- state                             state
-- zip_code                          ZIP code
-- phone                             telephone
-- email                             e-mail
-- payer                             the insurer
-- payer_type                        medicare, medicaid, commercial, … in lower case
-- plan                              the plan
-- starts_on                         first day of coverage
-- ends_on                           last day of coverage; 9999-12-31 while it has no end
-- dual_status_code                  Medicare and Medicaid together (CMS 00 to 10, 99)
-- original_reason_entitlement_code  why Medicare began (0 age, 1 disability, 2 kidney failure, 3 both)
-- medicare_status_code              CMS Medicare status
-- is_institutional                  lives in a nursing facility (long-term institutional)
-- in_hospice                        in hospice
-- pcp_npi                           the primary care provider the payer lists
-- source                            the feed
-- received_seq                      order of receipt
-- evidence                          the landed row

with ranked as (
    select
        l.*,
        coalesce(j.counted_as, l.person_id) as whom,
        row_number() over (
            partition by l.source, coalesce(j.counted_as, l.person_id), l.payer, l.plan, l.enrollment_start_date
            order by l.received_seq desc, l.delivery_id desc, l.line desc
        ) as place
    from landed.eligibility as l
    left join knowledge.joined_number as j on l.person_id = j.person_id
)

select
    e.whom as person_id,
    e.person_id as number,
    e.member_id,
    e.first_name,
    e.last_name,
    e.name_suffix,
    case when lower(e.gender) in ('female', 'male') then lower(e.gender) else 'unknown' end as sex,
    e.birth_date as born_on,
    e.death_date as died_on,
    e.race,
    e.ethnicity,
    e.language,
    e.address,
    e.city,
    e.state,
    e.zip_code,
    e.phone,
    e.email,
    e.payer,
    coalesce(lower(e.payer_type), 'unknown') as payer_type,
    e.plan,
    e.enrollment_start_date as starts_on,
    coalesce(e.enrollment_end_date, date '9999-12-31') as ends_on,
    e.dual_status_code,
    e.original_reason_entitlement_code,
    e.medicare_status_code,
    coalesce(e.long_term_institutional_flag, '0') = '1' as is_institutional,
    coalesce(e.hospice_flag, '0') = '1' as in_hospice,
    e.pcp_npi,
    e.source,
    e.received_seq,
    e.delivery_id || ':' || cast(e.line as varchar) as evidence
from ranked as e
cross join knowledge.run as r
left join knowledge.part2_source as s on s.kind = 'feed' and e.source = s.value
where
    e.place = 1
    and s.value is null
    and coalesce(e.tags, '') not like '%part2%'
    and e.enrollment_start_date <= coalesce(e.enrollment_end_date, date '9999-12-31')
    and e.enrollment_start_date <= r.as_of
