-- Every final claim: what was billed for one service or stay, in its service category, with its sensitivity.
--
-- Categories follow Tuva's rules (restated). What they would read from provider taxonomy or CCS for services, which we
-- do not ship, is "other": the share is shown in marts.unknown_code.
--
-- grain: claim_key
-- claim_key            number of the claim within one run; never shown
-- person_id            the person
-- source               the feed
-- claim_id             the payer's number for the claim
-- claim_type           institutional, professional, dental or vision
-- bill_type_code       NUBC type of bill, three characters
-- starts_on            first day
-- ends_on              last day
-- admitted_on          day of admission as billed
-- discharged_on        day of discharge as billed
-- admit_type_code      urgency of the admission (NUBC)
-- admit_source_code    where the person came from (NUBC)
-- discharge_status     where the person went (NUBC)
-- drg_code             diagnosis related group
-- principal_diagnosis  the first diagnosis, no dot
-- facility_npi         the facility
-- billing_npi          who billed
-- rendering_npi        who gave the service
-- place_of_service     CMS place of service
-- paid                 paid, in dollars
-- allowed              allowed, in dollars
-- charged              billed, in dollars
-- paid_on              latest day the payer paid
-- service_category_1   inpatient, outpatient, office-based, ancillary or other
-- service_category_2   acute inpatient, emergency department, office-based visit, …
-- claim_kind           IP, SNF, HHA, HOSPICE, OP or CAR (the CCW's kinds of claim); null for dental and vision
-- is_interim           bill frequency 2 or 3: more of the same stay is to come
-- is_emergency         an emergency department claim, or one that bills the emergency department of an admission
-- is_emergency_visit   the same, billed by the visit itself, not by the place of service alone
-- emergency_on         first day of its emergency lines
-- emergency_until      last day of its emergency lines
-- visit_npi            who gave the office, home or preventive visit, when it is one
-- is_observation       bills observation hours
-- is_residential       residential treatment (revenue center 1001, 1002)
-- is_risk_eligible     counts for CMS-HCC: hospital inpatient, or outpatient and professional with an eligible service
-- diagnoses            diagnosis codes joined with ',', the principal one first
-- diagnosis_kind       icd10, icd9 or other
-- procedures           hospital procedure codes joined with ','
-- tags                 sensitivity tags, sorted
-- evidence             its first landed line

with known as (
    select
        c.*,
        substr(c.bill_type_code, 1, 2) as bill_kind,
        case
            when b.claim_kind is not null then b.claim_kind
            when c.claim_type = 'institutional' and g.code is not null then 'IP'
            when c.claim_type = 'institutional' then 'OP'
            when c.claim_type = 'professional' then 'CAR'
        end as claim_kind,
        g.mdc,
        p.born_on,
        extract(year from c.starts_on) - extract(year from p.born_on)
        - case
            when
                extract(month from c.starts_on) * 100 + extract(day from c.starts_on)
                < extract(month from p.born_on) * 100 + extract(day from p.born_on)
                then 1
            else 0
        end as age
    from input.medical_claim as c
    left join input.claim_withdrawn as w on c.claim_key = w.claim_key
    left join knowledge.bill_type as b
        on c.claim_type = 'institutional' and substr(c.bill_type_code, 1, 2) = b.code
    left join knowledge.ms_drg as g on c.claim_type = 'institutional' and c.drg_code = g.code
    left join core.person as p on c.person_id = p.person_id
    where w.claim_key is null
),

sorted_out as (
    select
        k.*,
        case
            when k.claim_type in ('dental', 'vision') then 0
            when k.claim_type = 'institutional' then
                case
                    when k.claim_kind = 'SNF' then 10
                    when k.bill_kind = '22' then 11
                    when k.bill_kind = '82' or (k.has_hospice_bed and k.claim_kind <> 'HHA') then 12
                    when k.claim_kind = 'IP' and (k.has_rehabilitation or k.drg_code in ('945', '946')) then 14
                    when k.claim_kind = 'IP' or k.bill_kind in ('12', '42', '15', '16', '17') then 17
                    when k.has_emergency then 30
                    when k.has_observation then 31
                    when k.has_urgent_care then 32
                    when k.has_surgery_center or k.bill_kind = '83' then 33
                    when k.bill_kind = '72' or k.has_dialysis then 34
                    when k.claim_kind = 'HHA' then 35
                    when k.bill_kind = '81' or k.has_hospice_service then 36
                    when k.bill_kind in ('23', '28') then 37
                    when k.has_psychiatric then 38
                    when k.bill_kind in ('13', '43', '44', '71', '72', '73', '74', '75', '76', '77', '79', '85') then 39
                    when k.has_ambulance then 40
                    when k.bill_kind = '14' then 41
                    else 99
                end
            when k.has_ambulance then 40
            when k.has_lab then 41
            when k.has_emergency and coalesce(k.place_order, 99) > 69 then 70
            when k.has_urgent_care and coalesce(k.place_order, 99) > 70 then 71
            when k.place_order = 85 and k.has_office_visit then 81
            when k.place_order = 85 and k.has_surgery then 82
            when k.place_order = 85 and k.has_imaging then 83
            else coalesce(k.place_order, 99)
        end as rule_order,
        coalesce(k.age < 18, false)
        and (
            k.tags like '%behavioral%' or k.tags like '%hiv%' or k.tags like '%reproductive%'
            or (',' || k.diagnoses) like '%,A5%' or (',' || k.diagnoses) like '%,A60%'
            or (',' || k.diagnoses) like '%,A63%' or (',' || k.diagnoses) like '%,A64%'
            or (',' || k.diagnoses) like '%,Z113%' or (',' || k.diagnoses) like '%,Z202%'
        ) as is_minor
    from known as k
)

select
    s.claim_key,
    s.person_id,
    s.source,
    s.claim_id,
    s.claim_type,
    s.bill_type_code,
    s.starts_on,
    s.ends_on,
    s.admitted_on,
    s.discharged_on,
    s.admit_type_code,
    s.admit_source_code,
    s.discharge_status,
    s.drg_code,
    nullif(split_part(s.diagnoses, ',', 1), '') as principal_diagnosis,
    s.facility_npi,
    s.billing_npi,
    s.rendering_npi,
    s.place_of_service,
    s.paid,
    s.allowed,
    s.charged,
    s.paid_on,
    case
        when s.rule_order between 10 and 19 or s.rule_order between 60 and 69 then 'inpatient'
        when s.rule_order between 30 and 39 or s.rule_order between 70 and 79 then 'outpatient'
        when s.rule_order in (40, 41) then 'ancillary'
        when s.rule_order between 80 and 89 then 'office-based'
        else 'other'
    end as service_category_1,
    case s.rule_order
        when 10 then 'skilled nursing'
        when 11 then 'skilled nursing'
        when 63 then 'skilled nursing'
        when 12 then 'inpatient hospice'
        when 64 then 'inpatient hospice'
        when 14 then 'inpatient rehabilitation'
        when 62 then 'inpatient rehabilitation'
        when 17 then 'acute inpatient'
        when 60 then 'acute inpatient'
        when 61 then 'inpatient psychiatric'
        when 65 then 'inpatient substance use'
        when 30 then 'emergency department'
        when 70 then 'emergency department'
        when 31 then 'observation'
        when 32 then 'urgent care'
        when 71 then 'urgent care'
        when 33 then 'ambulatory surgery center'
        when 72 then 'ambulatory surgery center'
        when 34 then 'dialysis'
        when 73 then 'dialysis'
        when 35 then 'home health'
        when 74 then 'home health'
        when 36 then 'outpatient hospice'
        when 37 then 'outpatient skilled nursing'
        when 38 then 'outpatient psychiatric'
        when 76 then 'outpatient psychiatric'
        when 77 then 'outpatient substance use'
        when 78 then 'outpatient rehabilitation'
        when 39 then 'outpatient hospital or clinic'
        when 75 then 'outpatient hospital or clinic'
        when 40 then 'ambulance'
        when 41 then 'lab'
        when 80 then 'telehealth'
        when 81 then 'office-based visit'
        when 82 then 'office-based surgery'
        when 83 then 'office-based radiology'
        when 85 then 'office-based other'
        when 0 then s.claim_type
        else 'other'
    end as service_category_2,
    s.claim_kind,
    s.is_interim,
    s.has_emergency or (s.claim_type = 'professional' and s.has_emergency_place) as is_emergency,
    s.has_emergency as is_emergency_visit,
    s.emergency_on,
    s.emergency_until,
    s.visit_npi,
    s.has_observation as is_observation,
    s.has_residential as is_residential,
    case
        when s.claim_type = 'institutional' and s.claim_kind = 'IP' then true
        when s.claim_type = 'institutional'
            then
                s.has_eligible_service
                and coalesce(s.bill_kind, '13') in ('12', '13', '43', '71', '73', '76', '77', '85')
        when s.claim_type = 'professional' then s.has_eligible_service
        else false
    end as is_risk_eligible,
    s.diagnoses,
    s.diagnosis_kind,
    s.procedures,
    case
        when s.is_minor
            then
                concat_ws(
                    ';',
                    case when s.tags like '%behavioral%' then 'behavioral' end,
                    case when s.tags like '%hiv%' then 'hiv' end,
                    'minor',
                    case when s.tags like '%part2%' then 'part2' end,
                    case when s.tags like '%reproductive%' then 'reproductive' end,
                    case when s.tags like '%safety%' then 'safety' end
                )
        else s.tags
    end as tags,
    s.delivery_id || ':' || cast(s.line as varchar) as evidence
from sorted_out as s
