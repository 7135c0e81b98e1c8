-- Hospital stays: transfers, interim bills and overlapping claims joined, each stay once.
--
-- What was urgent is read from the first bed; where it ended, its DRG, diagnosis and facility from the last. A stay is
-- unplanned when its admission type is emergency, urgent or trauma, or it began in the emergency department, and it was
-- neither elective nor for a birth or a pregnancy (admission types 3 and 4, DRGs of MDC 14 and 15, diagnoses O00 to O9A,
-- Z37, Z38). A stay whose last bill says "still a patient" is open for 60 days after that bill, unless the person was
-- admitted again; then the last billed day is taken as its end, and said to be assumed.
--
-- grain: stay_id
-- stay_id               person, first day and kind; the same in every run that knows the same beginning
-- person_id             the person
-- admitted_on           first day of the first bed
-- discharged_on         last day of the last bed; null while still in
-- discharge_status      where the person went (NUBC), from the last bed
-- discharge_is_assumed  no bill says the person left: the last billed day stands in
-- drg_code              diagnosis related group, from the last bed
-- principal_diagnosis   ICD-10-CM, no dot, from the last bed
-- facility_npi          the facility that discharged; where its bill names none, another bed's, or who billed
-- facility              its name
-- admit_type_code       urgency of the admission (NUBC), from the first bed
-- claim_ids             the payer's claim numbers, joined with ';'
-- beds                  how many claims or records were joined
-- told_by               claims, or records when no claim tells of it
-- is_acute              not rehabilitation, subacute or residential
-- is_unplanned          acute, urgent or through the emergency department, not elective, not birth or pregnancy
-- went_through_ed       emergency charges on its claims, or an emergency visit the same day or the day before
-- paid                  paid on its claims
-- tags                  sensitivity tags, sorted
-- evidence              landed rows joined with ';'

with stay as (
    select
        k.person_id,
        k.is_acute,
        k.stay_number,
        min(b.from_on) as admitted_on,
        max(b.thru_on) as thru_on,
        max(case when k.place_back = 1 and b.is_still_in then 1 else 0 end) as still_in,
        max(case when k.place_back = 1 then b.discharge_status end) as discharge_status,
        max(case when k.place_back = 1 then b.drg_code end) as drg_code,
        max(case when k.place_back = 1 then b.principal_diagnosis end) as principal_diagnosis,
        coalesce(
            max(case when k.place_back = 1 then b.facility_npi end),
            max(b.facility_npi),
            max(case when k.place_back = 1 then b.billing_npi end)
        ) as facility_npi,
        coalesce(
            max(case when k.place_back = 1 then b.facility end),
            case when max(b.facility_npi) is null then max(b.facility) end
        ) as facility,
        max(case when k.place = 1 then b.admit_type_code end) as admit_type_code,
        string_agg(b.claim_id, ';' order by b.from_on, b.thru_on, b.claim_id) as claim_ids,
        count(*) as beds,
        min(b.told_by) as told_by,
        cast(sum(b.paid) as decimal(18, 2)) as paid,
        concat_ws(
            ';',
            max(case when b.tags like '%behavioral%' then 'behavioral' end),
            max(case when b.tags like '%hiv%' then 'hiv' end),
            max(case when b.tags like '%minor%' then 'minor' end),
            max(case when b.tags like '%reproductive%' then 'reproductive' end),
            max(case when b.tags like '%safety%' then 'safety' end)
        ) as tags,
        string_agg(distinct b.evidence, ';' order by b.evidence) as evidence
    from core.bed_in_stay as k
    inner join core.bed as b on k.bed_id = b.bed_id
    group by k.person_id, k.is_acute, k.stay_number
),

emergency as (
    select distinct s.person_id, s.is_acute, s.stay_number
    from stay as s
    inner join core.emergency_event as e
        on s.person_id = e.person_id and e.from_on <= s.admitted_on and e.thru_on >= s.admitted_on - 1
),

later as (
    select
        person_id,
        is_acute,
        stay_number,
        lead(admitted_on) over (partition by person_id order by admitted_on, is_acute, stay_number) as next_on
    from stay
)

select
    s.person_id || ':' || cast(s.admitted_on as varchar) || case when s.is_acute then '' else ':other' end as stay_id,
    s.person_id,
    s.admitted_on,
    case
        when s.still_in = 0 then s.thru_on
        when l.next_on > s.thru_on or date_diff('day', s.thru_on, r.as_of) > 60 then s.thru_on
    end as discharged_on,
    s.discharge_status,
    s.still_in = 1 and (coalesce(l.next_on > s.thru_on, false) or date_diff('day', s.thru_on, r.as_of) > 60)
        as discharge_is_assumed,
    s.drg_code,
    s.principal_diagnosis,
    s.facility_npi,
    coalesce(s.facility, p.name) as facility,
    s.admit_type_code,
    s.claim_ids,
    s.beds,
    s.told_by,
    s.is_acute,
    s.is_acute
    and (coalesce(s.admit_type_code in ('1', '2', '5'), false) or e.person_id is not null)
    and not coalesce(s.admit_type_code in ('3', '4'), false)
    and not coalesce(g.mdc in ('14', '15'), false)
    and not coalesce(
        s.principal_diagnosis like 'O%' or s.principal_diagnosis like 'Z37%' or s.principal_diagnosis like 'Z38%', false
    ) as is_unplanned,
    e.person_id is not null as went_through_ed,
    s.paid,
    s.tags,
    s.evidence
from stay as s
cross join knowledge.run as r
inner join later as l
    on s.person_id = l.person_id and s.is_acute = l.is_acute and s.stay_number = l.stay_number
left join emergency as e
    on s.person_id = e.person_id and s.is_acute = e.is_acute and s.stay_number = e.stay_number
left join knowledge.ms_drg as g on s.drg_code = g.code
left join core.provider as p on s.facility_npi = p.npi
