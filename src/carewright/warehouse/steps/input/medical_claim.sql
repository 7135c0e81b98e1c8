-- One row per claim as it stands: the sums and dates of the lines that count, and what its codes say about it.
--
-- grain: claim_key
-- claim_key             number of the claim within one run (delivery and line); never shown
-- source                the feed
-- claim_id              the payer's number for the claim
-- person_id             the person
-- payer                 the insurer
-- claim_type            institutional, professional, dental or vision
-- bill_type_code        NUBC type of bill, three characters
-- is_interim            bill frequency 2 or 3: more of the same stay is to come
-- is_replacement        bill frequency 7
-- starts_on             first day
-- ends_on               last day
-- admitted_on           day of admission as billed
-- discharged_on         day of discharge as billed
-- admit_type_code       urgency of the admission (NUBC)
-- admit_source_code     where the person came from (NUBC)
-- discharge_status      where the person went (NUBC)
-- drg_code              diagnosis related group
-- facility_npi          the facility
-- billing_npi           who billed
-- rendering_npi         who gave the service
-- place_of_service      CMS place of service
-- paid                  paid, in dollars
-- allowed               allowed, in dollars
-- charged               billed, in dollars
-- paid_on               latest day the payer paid
-- diagnoses             diagnosis codes joined with ',', the principal one first
-- diagnosis_kind        icd10, icd9 or other
-- procedures            hospital procedure codes joined with ','
-- has_emergency         an emergency revenue center (0450 to 0452, 0459, 0981) or visit (99281 to 99285, G0380 to G0384)
-- emergency_on          first day of its emergency lines
-- emergency_until       last day of its emergency lines
-- visit_npi             who gave the office visit
-- has_emergency_place   a professional line at place of service 23
-- has_urgent_care       revenue center 0456, or HCPCS S9088, S9083, 99051
-- has_observation       revenue center 0762, or HCPCS G0378, G0379
-- has_hospice_bed       a revenue center of inpatient hospice
-- has_rehabilitation    a rehabilitation room (0118 … 0158) or the rehabilitation payment line 0024
-- has_residential       revenue center 1001 or 1002: residential treatment
-- has_surgery_center    revenue center 0490 or 0499
-- has_dialysis          revenue centers 082x to 085x and 088x
-- has_hospice_service   revenue centers 0650 to 0652, 0657, 0659, or HCPCS Q5001 to Q5003, Q5009
-- has_psychiatric       revenue centers 0513 and 0905
-- has_ambulance         HCPCS A0425 to A0436, revenue center 0540, or place of service 41 or 42
-- has_lab               place of service 81
-- has_office_visit      an office, home or preventive visit number (knowledge.office_visit)
-- has_surgery           a surgery number, CPT 10021 to 69999
-- has_imaging           an imaging number, CPT 70010 to 79999
-- has_eligible_service  a CPT or HCPCS number that makes a claim count for CMS-HCC in its payment year
-- place_order           the most telling place of service of its lines (order of the service category rules)
-- is_part2              from a source protected by 42 CFR Part 2
-- tags                  sensitivity tags of its lines, sorted
-- delivery_id           the received file
-- line                  its first line in that file

with line as (
    select
        l.*,
        coalesce(m.diagnoses, l.diagnoses) as all_diagnoses,
        coalesce(l.revenue_code in ('0450', '0451', '0452', '0459', '0981'), false)
        or coalesce(l.hcpcs between '99281' and '99285', false)
        or coalesce(l.hcpcs between 'G0380' and 'G0384', false) as is_emergency,
        coalesce(l.place_of_service = '23', false) as is_emergency_place
    from input.claim_line as l
    left join input.claim_diagnoses as m
        on l.source = m.source and l.claim_id = m.claim_id and l.person_id = m.person_id
),

eligible as (
    select code, cast(from_payment_year as integer) as from_year, cast(to_payment_year as integer) as to_year
    from knowledge.risk_eligible_hcpcs
),

place as (
    select code, cast(rule_order as integer) as rule_order
    from knowledge.place_of_service
    where rule_order is not null
),

claim as (
    select
        l.source,
        l.claim_id,
        l.person_id,
        l.all_diagnoses as diagnoses,
        max(l.delivery_id) as delivery_id,
        min(l.line) as line,
        max(l.payer) as payer,
        max(l.claim_type) as claim_type,
        max(l.bill_type_code) as bill_type_code,
        max(case when l.frequency = 'interim' then 1 else 0 end) as interim,
        max(case when l.frequency = 'replacement' then 1 else 0 end) as replacement,
        min(l.starts_on) as starts_on,
        max(l.ends_on) as ends_on,
        min(l.admitted_on) as admitted_on,
        max(l.discharged_on) as discharged_on,
        max(l.admit_type_code) as admit_type_code,
        max(l.admit_source_code) as admit_source_code,
        max(l.discharge_status) as discharge_status,
        max(l.drg_code) as drg_code,
        max(l.facility_npi) as facility_npi,
        max(l.billing_npi) as billing_npi,
        max(l.rendering_npi) as rendering_npi,
        max(l.place_of_service) as place_of_service,
        sum(l.paid) as paid,
        sum(l.allowed) as allowed,
        sum(l.charged) as charged,
        max(l.paid_on) as paid_on,
        min(l.diagnosis_kind) as diagnosis_kind,
        max(l.procedures) as procedures,
        bool_or(l.is_emergency) as has_emergency,
        min(case when l.is_emergency or l.is_emergency_place then l.line_starts_on end) as emergency_on,
        max(case when l.is_emergency or l.is_emergency_place then l.line_ends_on end) as emergency_until,
        max(case when v.code is not null then coalesce(l.rendering_npi, l.billing_npi) end) as visit_npi,
        bool_or(l.is_emergency_place) as has_emergency_place,
        bool_or(
            coalesce(l.revenue_code = '0456', false) or coalesce(l.hcpcs in ('S9088', 'S9083', '99051'), false)
        ) as has_urgent_care,
        bool_or(
            coalesce(l.revenue_code = '0762', false) or coalesce(l.hcpcs in ('G0378', 'G0379'), false)
        ) as has_observation,
        bool_or(
            coalesce(
                l.revenue_code in ('0655', '0656', '0658', '0115', '0125', '0135', '0145', '0155', '0235'), false
            )
        ) as has_hospice_bed,
        bool_or(
            coalesce(l.revenue_code in ('0024', '0118', '0128', '0138', '0148', '0158'), false)
        ) as has_rehabilitation,
        bool_or(coalesce(l.revenue_code in ('1001', '1002'), false)) as has_residential,
        bool_or(coalesce(l.revenue_code in ('0490', '0499'), false)) as has_surgery_center,
        bool_or(
            coalesce(substr(l.revenue_code, 1, 3) in ('082', '083', '084', '085', '088'), false)
        ) as has_dialysis,
        bool_or(
            coalesce(l.revenue_code in ('0650', '0651', '0652', '0657', '0659'), false)
            or coalesce(l.hcpcs in ('Q5001', 'Q5002', 'Q5003', 'Q5009'), false)
        ) as has_hospice_service,
        bool_or(coalesce(l.revenue_code in ('0513', '0905'), false)) as has_psychiatric,
        bool_or(
            coalesce(l.hcpcs between 'A0425' and 'A0436', false)
            or coalesce(l.revenue_code = '0540', false)
            or coalesce(l.place_of_service in ('41', '42'), false)
        ) as has_ambulance,
        bool_or(coalesce(l.place_of_service = '81', false)) as has_lab,
        bool_or(v.code is not null) as has_office_visit,
        bool_or(coalesce(l.hcpcs between '10021' and '69999', false)) as has_surgery,
        bool_or(coalesce(l.hcpcs between '70010' and '79999', false)) as has_imaging,
        bool_or(e.code is not null) as has_eligible_service,
        min(p.rule_order) as place_order,
        bool_or(l.is_part2) as is_part2,
        concat_ws(
            ';',
            max(case when l.tags like '%behavioral%' then 'behavioral' end),
            max(case when l.tags like '%hiv%' then 'hiv' end),
            max(case when l.tags like '%minor%' then 'minor' end),
            max(case when l.is_part2 then 'part2' end),
            max(case when l.tags like '%reproductive%' then 'reproductive' end),
            max(case when l.tags like '%safety%' then 'safety' end)
        ) as tags
    from line as l
    left join eligible as e
        on
            l.hcpcs = e.code
            and least(greatest(extract(year from l.ends_on) + 1, 2024), 2027) between e.from_year and e.to_year
    left join knowledge.office_visit as v on l.hcpcs = v.code
    left join place as p on l.place_of_service = p.code
    group by l.source, l.claim_id, l.person_id, l.all_diagnoses
)

select
    d.number * 10000000000 + c.line as claim_key,
    c.source,
    c.claim_id,
    c.person_id,
    c.payer,
    c.claim_type,
    c.bill_type_code,
    c.interim = 1 as is_interim,
    c.replacement = 1 as is_replacement,
    c.starts_on,
    c.ends_on,
    c.admitted_on,
    c.discharged_on,
    c.admit_type_code,
    c.admit_source_code,
    c.discharge_status,
    c.drg_code,
    c.facility_npi,
    c.billing_npi,
    c.rendering_npi,
    c.place_of_service,
    cast(c.paid as decimal(18, 2)) as paid,
    cast(c.allowed as decimal(18, 2)) as allowed,
    cast(c.charged as decimal(18, 2)) as charged,
    c.paid_on,
    c.diagnoses,
    c.diagnosis_kind,
    c.procedures,
    c.has_emergency,
    c.emergency_on,
    c.emergency_until,
    c.visit_npi,
    c.has_emergency_place,
    c.has_urgent_care,
    c.has_observation,
    c.has_hospice_bed,
    c.has_rehabilitation,
    c.has_residential,
    c.has_surgery_center,
    c.has_dialysis,
    c.has_hospice_service,
    c.has_psychiatric,
    c.has_ambulance,
    c.has_lab,
    c.has_office_visit,
    c.has_surgery,
    c.has_imaging,
    c.has_eligible_service,
    c.place_order,
    c.is_part2,
    c.tags,
    c.delivery_id,
    c.line
from claim as c
inner join input.delivery as d on c.delivery_id = d.delivery_id and c.source = d.source
