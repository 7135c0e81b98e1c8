-- One row per claim as it stands: the sums and dates of the lines that count, and what its codes say about it.
--
-- What single lines say is gathered as the bits of one number, so that a claim takes little room while millions of them
-- are put together.
--
-- grain: claim_key
-- claim_key             number of the claim within one run (delivery and line); never shown
-- source                the feed
-- claim_id              the payer's number for the claim
-- person_id             the person
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

with eligible as (
    select code, cast(from_payment_year as integer) as from_year, cast(to_payment_year as integer) as to_year
    from knowledge.risk_eligible_hcpcs
),

place as (
    select code, cast(rule_order as integer) as rule_order
    from knowledge.place_of_service
    where rule_order is not null
),

line as (
    select
        l.*,
        d.number * 10000000000 + l.line as line_key,
        coalesce(m.diagnoses, l.diagnoses) as all_diagnoses,
        coalesce(l.revenue_code in ('0450', '0451', '0452', '0459', '0981'), false)
        or coalesce(l.hcpcs between '99281' and '99285', false)
        or coalesce(l.hcpcs between 'G0380' and 'G0384', false) as is_emergency
    from input.claim_line as l
    inner join input.delivery as d on l.delivery_id = d.delivery_id and l.source = d.source
    left join input.claim_diagnoses as m
        on l.source = m.source and l.claim_id = m.claim_id and l.person_id = m.person_id
),

said as (
    select
        l.source,
        l.claim_id,
        l.person_id,
        l.all_diagnoses,
        l.line_key,
        l.bill_type_code,
        l.starts_on,
        l.ends_on,
        l.admitted_on,
        l.discharged_on,
        l.admit_type_code,
        l.admit_source_code,
        l.discharge_status,
        l.drg_code,
        l.facility_npi,
        l.billing_npi,
        l.rendering_npi,
        l.place_of_service,
        l.paid,
        l.allowed,
        l.charged,
        l.paid_on,
        l.procedures,
        case when l.is_emergency or l.place_of_service = '23' then l.line_starts_on end as emergency_on,
        case when l.is_emergency or l.place_of_service = '23' then l.line_ends_on end as emergency_until,
        case when v.code is not null then coalesce(l.rendering_npi, l.billing_npi) end as visit_npi,
        p.rule_order,
        cast(
            case when l.is_emergency then 1 else 0 end
            + case when l.place_of_service = '23' then 2 else 0 end
            + case when l.revenue_code = '0456' or l.hcpcs in ('S9088', 'S9083', '99051') then 4 else 0 end
            + case when l.revenue_code = '0762' or l.hcpcs in ('G0378', 'G0379') then 8 else 0 end
            + case when l.revenue_code in ('0655', '0656', '0658', '0115', '0125', '0135', '0145', '0155', '0235') then 16 else 0 end
            + case when l.revenue_code in ('0024', '0118', '0128', '0138', '0148', '0158') then 32 else 0 end
            + case when l.revenue_code in ('1001', '1002') then 64 else 0 end
            + case when l.revenue_code in ('0490', '0499') then 128 else 0 end
            + case when substr(l.revenue_code, 1, 3) in ('082', '083', '084', '085', '088') then 256 else 0 end
            + case when l.revenue_code in ('0650', '0651', '0652', '0657', '0659')
            or l.hcpcs in ('Q5001', 'Q5002', 'Q5003', 'Q5009') then 512 else 0 end
            + case when l.revenue_code in ('0513', '0905') then 1024 else 0 end
            + case when l.hcpcs between 'A0425' and 'A0436' or l.revenue_code = '0540' or l.place_of_service in ('41', '42') then 2048 else 0 end
            + case when l.place_of_service = '81' then 4096 else 0 end
            + case when v.code is not null then 8192 else 0 end
            + case when l.hcpcs between '10021' and '69999' then 16384 else 0 end
            + case when l.hcpcs between '70010' and '79999' then 32768 else 0 end
            + case when e.code is not null then 65536 else 0 end
            + case when l.is_part2 then 131072 else 0 end
            + case when l.frequency = 'interim' then 262144 else 0 end
            + case when l.frequency = 'replacement' then 524288 else 0 end
            + case when l.tags like '%behavioral%' then 1048576 else 0 end
            + case when l.tags like '%hiv%' then 2097152 else 0 end
            + case when l.tags like '%minor%' then 4194304 else 0 end
            + case when l.tags like '%reproductive%' then 8388608 else 0 end
            + case when l.tags like '%safety%' then 16777216 else 0 end
            + case when l.claim_type = 'institutional' then 33554432 else 0 end
            + case when l.claim_type = 'professional' then 67108864 else 0 end
            + case when l.claim_type = 'dental' then 134217728 else 0 end
            + case when l.claim_type = 'vision' then 268435456 else 0 end
            + case when l.diagnosis_kind = 'icd9' then 536870912 else 0 end
            + case when l.diagnosis_kind = 'other' then 1073741824 else 0 end
            as bigint
        ) as said
    from line as l
    left join eligible as e
        on
            l.hcpcs = e.code
            and least(greatest(extract(year from l.ends_on) + 1, 2024), 2027) between e.from_year and e.to_year
    left join knowledge.office_visit as v on l.hcpcs = v.code
    left join place as p on l.place_of_service = p.code
),

claim as (
    select
        source,
        claim_id,
        person_id,
        all_diagnoses as diagnoses,
        min(line_key) as claim_key,
        max(bill_type_code) as bill_type_code,
        min(starts_on) as starts_on,
        max(ends_on) as ends_on,
        min(admitted_on) as admitted_on,
        max(discharged_on) as discharged_on,
        max(admit_type_code) as admit_type_code,
        max(admit_source_code) as admit_source_code,
        max(discharge_status) as discharge_status,
        max(drg_code) as drg_code,
        max(facility_npi) as facility_npi,
        max(billing_npi) as billing_npi,
        max(rendering_npi) as rendering_npi,
        max(place_of_service) as place_of_service,
        sum(paid) as paid,
        sum(allowed) as allowed,
        sum(charged) as charged,
        max(paid_on) as paid_on,
        max(procedures) as procedures,
        min(emergency_on) as emergency_on,
        max(emergency_until) as emergency_until,
        max(visit_npi) as visit_npi,
        min(rule_order) as place_order,
        bit_or(said) as said
    from said
    group by source, claim_id, person_id, all_diagnoses
)

select
    c.claim_key,
    c.source,
    c.claim_id,
    c.person_id,
    case
        when (c.said & 268435456) > 0 then 'vision'
        when (c.said & 67108864) > 0 then 'professional'
        when (c.said & 33554432) > 0 then 'institutional'
        when (c.said & 134217728) > 0 then 'dental'
    end as claim_type,
    c.bill_type_code,
    (c.said & 262144) > 0 as is_interim,
    (c.said & 524288) > 0 as is_replacement,
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
    case
        when (c.said & 1073741824) > 0 then 'other'
        when (c.said & 536870912) > 0 then 'icd9'
        else 'icd10'
    end as diagnosis_kind,
    c.procedures,
    c.emergency_on,
    c.emergency_until,
    c.visit_npi,
    (c.said & 1) > 0 as has_emergency,
    (c.said & 2) > 0 as has_emergency_place,
    (c.said & 4) > 0 as has_urgent_care,
    (c.said & 8) > 0 as has_observation,
    (c.said & 16) > 0 as has_hospice_bed,
    (c.said & 32) > 0 as has_rehabilitation,
    (c.said & 64) > 0 as has_residential,
    (c.said & 128) > 0 as has_surgery_center,
    (c.said & 256) > 0 as has_dialysis,
    (c.said & 512) > 0 as has_hospice_service,
    (c.said & 1024) > 0 as has_psychiatric,
    (c.said & 2048) > 0 as has_ambulance,
    (c.said & 4096) > 0 as has_lab,
    (c.said & 8192) > 0 as has_office_visit,
    (c.said & 16384) > 0 as has_surgery,
    (c.said & 32768) > 0 as has_imaging,
    (c.said & 65536) > 0 as has_eligible_service,
    c.place_order,
    (c.said & 131072) > 0 as is_part2,
    concat_ws(
        ';',
        case when (c.said & 1048576) > 0 then 'behavioral' end,
        case when (c.said & 2097152) > 0 then 'hiv' end,
        case when (c.said & 4194304) > 0 then 'minor' end,
        case when (c.said & 131072) > 0 then 'part2' end,
        case when (c.said & 8388608) > 0 then 'reproductive' end,
        case when (c.said & 16777216) > 0 then 'safety' end
    ) as tags,
    d.delivery_id,
    c.claim_key - d.number * 10000000000 as line
from claim as c
inner join input.delivery as d on d.number = c.claim_key // 10000000000
