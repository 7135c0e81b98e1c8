-- Everything that says a person was in an emergency department: facility claims, professional claims, admissions billed
-- with emergency charges, and emergency encounters from records that no claim tells of.
--
-- Facts protected by 42 CFR Part 2 are left out.
--
-- grain: event_id
-- event_id             the claim or record
-- person_id            the person
-- told_by              facility, professional, admission or record
-- from_on              first day
-- thru_on              last day
-- is_visit             bills the emergency visit itself (revenue center or visit number), not only the place; records do
-- facility_npi         the facility
-- facility             its name, where a record says it
-- principal_diagnosis  ICD-10-CM, no dot
-- is_observation       with observation hours
-- claim_id             the payer's number for the claim; null for records
-- paid                 paid on claims that are not the admission's own
-- tags                 sensitivity tags, sorted
-- evidence             the landed row

with claimed as (
    select
        'claim ' || cast(c.claim_key as varchar) as event_id,
        c.person_id,
        case
            when c.claim_type <> 'institutional' then 'professional'
            when c.service_category_1 = 'inpatient' then 'admission'
            else 'facility'
        end as told_by,
        case
            when c.claim_type = 'institutional' and c.service_category_1 = 'inpatient'
                then coalesce(c.admitted_on, c.starts_on)
            else c.emergency_on
        end as from_on,
        case
            when c.claim_type = 'institutional' and c.service_category_1 = 'inpatient'
                then coalesce(c.admitted_on, c.starts_on)
            when c.claim_type = 'institutional' and date_diff('day', c.emergency_on, c.ends_on) between 0 and 3
                then c.ends_on
            else c.emergency_on
        end as thru_on,
        c.is_emergency_visit as is_visit,
        coalesce(c.facility_npi, case when c.claim_type = 'institutional' then c.billing_npi end) as facility_npi,
        c.principal_diagnosis,
        c.is_observation,
        c.claim_id,
        case
            when c.claim_type = 'institutional' and c.service_category_1 = 'inpatient' then cast(0 as decimal(18, 2))
            else c.paid
        end as paid,
        c.tags,
        c.evidence
    from core.claim as c
    where c.is_emergency and c.tags not like '%part2%' and c.claim_type in ('institutional', 'professional')
),

recorded as (
    select
        e.source || ' ' || e.encounter_id as event_id,
        e.person_id,
        e.starts_on as from_on,
        coalesce(e.ends_on, e.starts_on) as thru_on,
        e.facility_npi,
        e.facility,
        e.principal_diagnosis,
        e.tags,
        e.evidence
    from input.encounter as e
    where e.kind = 'emergency' and not e.is_part2
),

told_twice as (
    select distinct e.event_id
    from recorded as e
    inner join claimed as c on e.person_id = c.person_id and e.from_on <= c.thru_on and e.thru_on >= c.from_on
)

select
    event_id, person_id, told_by, from_on, thru_on, is_visit, facility_npi, cast(null as varchar) as facility,
    principal_diagnosis, is_observation, claim_id, paid, tags, evidence
from claimed

union all

select
    e.event_id,
    e.person_id,
    'record' as told_by,
    e.from_on,
    case when e.thru_on < e.from_on then e.from_on else e.thru_on end as thru_on,
    true as is_visit,
    e.facility_npi,
    e.facility,
    e.principal_diagnosis,
    false as is_observation,
    cast(null as varchar) as claim_id,
    cast(null as decimal(18, 2)) as paid,
    e.tags,
    e.evidence
from recorded as e
left join told_twice as t on e.event_id = t.event_id
where t.event_id is null
