-- One row per bill or record that says a person lay in a hospital bed: the pieces that stays are made of.
--
-- Institutional claims of hospital inpatient bill types (11x, 41x), or with a valid DRG and no bill type; subacute and
-- residential bill types are beds, but not acute ones; inpatient Part B bills (12x) and hospice are not beds. Inpatient
-- encounters from records count where no claim of the same person covers any of their days. Facts protected by
-- 42 CFR Part 2 are left out.
--
-- grain: bed_id
-- bed_id               the claim or record
-- person_id            the person
-- told_by              claims or records
-- is_acute             not rehabilitation, subacute, residential or religious non-medical
-- from_on              first day in bed
-- thru_on              last day we know of
-- is_still_in          the bill says the person is still a patient
-- is_transferred       the discharge status says another hospital
-- facility_npi         the facility
-- billing_npi          who billed; null for records
-- facility             its name, where a record says it
-- admit_type_code      urgency of the admission (NUBC)
-- discharge_status     where the person went (NUBC)
-- drg_code             diagnosis related group
-- principal_diagnosis  ICD-10-CM, no dot
-- claim_id             the payer's number for the claim; null for records
-- paid                 paid on the claim
-- tags                 sensitivity tags, sorted
-- evidence             the landed row

with claimed as (
    select
        'claim ' || cast(c.claim_key as varchar) as bed_id,
        c.person_id,
        coalesce(
            c.claim_kind = 'IP'
            and c.service_category_2 <> 'inpatient rehabilitation'
            and not c.is_residential
            and coalesce(substr(c.bill_type_code, 1, 2), '11') <> '41', false
        ) as is_acute,
        case when c.admitted_on <= c.ends_on then c.admitted_on else c.starts_on end as from_on,
        case
            when c.discharged_on >= coalesce(c.admitted_on, c.starts_on) and c.discharged_on <= r.as_of
                then c.discharged_on
            else least(c.ends_on, r.as_of)
        end as thru_on,
        case
            when c.discharge_status = '30' then c.is_interim or c.discharged_on is null
            when c.discharge_status is not null then false
            else c.is_interim
        end as is_still_in,
        c.facility_npi,
        c.billing_npi,
        c.admit_type_code,
        c.discharge_status,
        c.drg_code,
        c.principal_diagnosis,
        c.claim_id,
        c.paid,
        c.tags,
        c.evidence
    from core.claim as c
    cross join knowledge.run as r
    where
        c.claim_type = 'institutional'
        and c.tags not like '%part2%'
        and c.service_category_2 <> 'inpatient hospice'
        and (c.claim_kind = 'IP' or substr(c.bill_type_code, 1, 2) in ('15', '16', '17', '65', '66', '86'))
),

recorded as (
    select
        e.source || ' ' || e.encounter_id as bed_id,
        e.person_id,
        e.starts_on as from_on,
        case when e.ends_on < e.starts_on then e.starts_on else e.ends_on end as ends_on,
        e.facility_npi,
        e.facility,
        e.admit_type_code,
        e.discharge_status,
        e.drg_code,
        e.principal_diagnosis,
        e.tags,
        e.evidence
    from input.encounter as e
    where e.kind = 'inpatient' and not e.is_part2
),

told_twice as (
    select distinct e.bed_id
    from recorded as e
    inner join claimed as c
        on e.person_id = c.person_id and e.from_on <= c.thru_on and coalesce(e.ends_on, c.thru_on) >= c.from_on
),

bed as (
    select
        c.bed_id, c.person_id, 'claims' as told_by, c.is_acute, c.from_on, c.thru_on, c.is_still_in, c.facility_npi,
        c.billing_npi, cast(null as varchar) as facility, c.admit_type_code, c.discharge_status, c.drg_code, c.principal_diagnosis,
        c.claim_id, c.paid, c.tags, c.evidence
    from claimed as c
    union all
    select
        e.bed_id, e.person_id, 'records' as told_by, true as is_acute, e.from_on, coalesce(e.ends_on, r.as_of) as thru_on,
        e.ends_on is null as is_still_in, e.facility_npi, cast(null as varchar) as billing_npi, e.facility, e.admit_type_code, e.discharge_status, e.drg_code,
        e.principal_diagnosis, cast(null as varchar) as claim_id, cast(null as decimal(18, 2)) as paid, e.tags,
        e.evidence
    from recorded as e
    cross join knowledge.run as r
    left join told_twice as t on e.bed_id = t.bed_id
    where t.bed_id is null
)

select
    b.bed_id,
    b.person_id,
    b.told_by,
    b.is_acute,
    b.from_on,
    case when b.thru_on < b.from_on then b.from_on else b.thru_on end as thru_on,
    b.is_still_in,
    coalesce(d.kind in ('acute_transfer', 'other_inpatient'), false) as is_transferred,
    b.facility_npi,
    b.billing_npi,
    b.facility,
    b.admit_type_code,
    b.discharge_status,
    b.drg_code,
    b.principal_diagnosis,
    b.claim_id,
    b.paid,
    b.tags,
    b.evidence
from bed as b
left join knowledge.discharge_status as d on b.discharge_status = d.code
