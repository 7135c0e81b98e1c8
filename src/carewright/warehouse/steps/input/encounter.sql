-- Visits and stays from records as they stand: the latest word on each, without those taken back or not yet begun.
--
-- grain: evidence
-- person_id            the person
-- source               the feed
-- encounter_id         the source's number for the visit
-- kind                 inpatient, emergency, observation, or other
-- starts_on            first day
-- ends_on              last day; null while it lasts
-- facility_npi         the facility, where the source gives an NPI
-- facility             its name
-- admit_type_code      urgency of the admission (NUBC)
-- discharge_status     where the person went (NUBC)
-- drg_code             diagnosis related group
-- principal_diagnosis  ICD-10-CM, no dot
-- is_part2             from a source protected by 42 CFR Part 2
-- tags                 sensitivity tags as landed
-- evidence             the landed row

with ranked as (
    select
        e.*,
        row_number() over (
            partition by e.source, e.encounter_id
            order by e.received_seq desc, e.delivery_id desc, e.line desc
        ) as place
    from landed.encounter as e
)

select
    coalesce(j.counted_as, k.person_id) as person_id,
    k.source,
    k.encounter_id,
    case
        when upper(k.encounter_class) in ('IMP', 'ACUTE', 'NONAC') then 'inpatient'
        when upper(k.encounter_class) = 'EMER' then 'emergency'
        when upper(k.encounter_class) = 'OBSENC' then 'observation'
        when k.encounter_class is null and lower(k.encounter_type) in ('acute inpatient', 'inpatient') then 'inpatient'
        when k.encounter_class is null and lower(k.encounter_type) in ('emergency department', 'emergency')
            then 'emergency'
        when k.encounter_class is null and lower(k.encounter_type) = 'observation' then 'observation'
        else 'other'
    end as kind,
    k.encounter_start_date as starts_on,
    case when k.encounter_end_date <= r.as_of then k.encounter_end_date end as ends_on,
    case when length(k.facility_id) = 10 and k.facility_id between '1000000000' and '2999999999' then k.facility_id end
        as facility_npi,
    k.facility_name as facility,
    k.admit_type_code,
    k.discharge_disposition_code as discharge_status,
    k.drg_code,
    case
        when lower(k.primary_diagnosis_code_type) like '%icd%10%' then upper(replace(k.primary_diagnosis_code, '.', ''))
    end as principal_diagnosis,
    coalesce(k.tags, '') like '%part2%' or s.value is not null or f.value is not null as is_part2,
    coalesce(k.tags, '') as tags,
    k.delivery_id || ':' || cast(k.line as varchar) as evidence
from ranked as k
cross join knowledge.run as r
left join knowledge.joined_number as j on k.person_id = j.person_id
left join knowledge.part2_source as s on s.kind = 'feed' and k.source = s.value
left join knowledge.part2_source as f on f.kind = 'npi' and k.facility_id = f.value
where
    k.place = 1
    and not coalesce(k.is_retracted, false)
    and coalesce(lower(k.status), 'finished') not in ('planned', 'cancelled', 'entered-in-error', 'arrived', 'triaged')
    and k.encounter_start_date <= r.as_of
