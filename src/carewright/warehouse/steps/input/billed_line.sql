-- Claim lines as billed, up to the run's day, with only the columns later steps need and the codes of one line side by side.
--
-- Nothing is decided here: which delivery of a claim counts, and which lines cancel each other, comes next.
--
-- stored: no
-- grain: delivery_id, line, line_number
-- source            the feed
-- claim_id          the payer's number for the claim
-- delivery_id       the received file
-- received_seq      order of receipt
-- line              line in that file
-- line_number       the line on the claim; 0 when the payer gave none
-- person_id         the person; numbers of records that were joined are counted as one
-- claim_type        institutional, professional, dental or vision
-- bill_type_code    NUBC type of bill, three characters
-- frequency         what the bill's third character (or the payer's status) says: void, replacement, interim, final, …
-- starts_on         first day of the claim
-- ends_on           last day of the claim
-- line_starts_on    first day of the line
-- line_ends_on      last day of the line
-- admitted_on       day of admission
-- discharged_on     day of discharge
-- admit_type_code   urgency of the admission (NUBC)
-- admit_source_code where the person came from (NUBC)
-- discharge_status  where the person went (NUBC)
-- drg_code          diagnosis related group
-- revenue_code      NUBC revenue center
-- hcpcs             CPT or HCPCS number
-- place_of_service  CMS place of service
-- facility_npi      the facility
-- billing_npi       who billed
-- rendering_npi     who gave the service
-- paid_on           day the payer paid
-- paid              paid, in dollars
-- allowed           allowed, in dollars
-- charged           billed, in dollars
-- money             the first of paid, allowed, charged that is not zero: tells reversals from charges
-- diagnoses         diagnosis codes joined with ',', the principal one first (empty when there is none)
-- diagnosis_kind    icd10 (also where the payer names no code system), icd9, or other (SNOMED CT in FHIR claims)
-- procedures        hospital procedure codes joined with ','
-- tags              sensitivity tags of the line

select
    c.source,
    c.claim_id,
    c.delivery_id,
    c.received_seq,
    c.line,
    coalesce(c.claim_line_number, 0) as line_number,
    coalesce(j.counted_as, c.person_id) as person_id,
    coalesce(c.claim_type, case when c.bill_type_code is null then 'professional' else 'institutional' end)
        as claim_type,
    c.bill_type_code,
    case
        when lower(c.claim_status) in ('cancelled', 'canceled', 'entered-in-error') then 'void'
        when substr(c.bill_type_code, 3, 1) = '8' then 'void'
        when substr(c.bill_type_code, 3, 1) = '7' then 'replacement'
        when substr(c.bill_type_code, 3, 1) in ('2', '3') then 'interim'
        when substr(c.bill_type_code, 3, 1) in ('A', 'B', 'C', 'D', 'E') then 'notice'
        else 'final'
    end as frequency,
    c.claim_start_date as starts_on,
    coalesce(c.claim_end_date, c.claim_start_date) as ends_on,
    coalesce(c.claim_line_start_date, c.claim_start_date) as line_starts_on,
    coalesce(c.claim_line_end_date, c.claim_line_start_date, c.claim_end_date, c.claim_start_date) as line_ends_on,
    c.admission_date as admitted_on,
    c.discharge_date as discharged_on,
    c.admit_type_code,
    c.admit_source_code,
    c.discharge_disposition_code as discharge_status,
    c.drg_code,
    c.revenue_center_code as revenue_code,
    c.hcpcs_code as hcpcs,
    c.place_of_service_code as place_of_service,
    c.facility_npi,
    c.billing_npi,
    c.rendering_npi,
    c.paid_date as paid_on,
    c.paid_amount as paid,
    c.allowed_amount as allowed,
    c.charge_amount as charged,
    coalesce(nullif(c.paid_amount, 0), nullif(c.allowed_amount, 0), c.charge_amount, 0) as money,
    coalesce(c.diagnosis_code_1, '') || ',' || concat_ws(
        ',',
        c.diagnosis_code_2, c.diagnosis_code_3, c.diagnosis_code_4, c.diagnosis_code_5, c.diagnosis_code_6,
        c.diagnosis_code_7, c.diagnosis_code_8, c.diagnosis_code_9, c.diagnosis_code_10, c.diagnosis_code_11,
        c.diagnosis_code_12, c.diagnosis_code_13, c.diagnosis_code_14, c.diagnosis_code_15, c.diagnosis_code_16,
        c.diagnosis_code_17, c.diagnosis_code_18, c.diagnosis_code_19, c.diagnosis_code_20, c.diagnosis_code_21,
        c.diagnosis_code_22, c.diagnosis_code_23, c.diagnosis_code_24, c.diagnosis_code_25
    ) as diagnoses,
    case
        when lower(c.diagnosis_code_type) like 'icd%9%' then 'icd9'
        when c.diagnosis_code_type is null or lower(c.diagnosis_code_type) like '%icd%10%' then 'icd10'
        else 'other'
    end as diagnosis_kind,
    concat_ws(
        ',',
        c.procedure_code_1, c.procedure_code_2, c.procedure_code_3, c.procedure_code_4, c.procedure_code_5,
        c.procedure_code_6, c.procedure_code_7, c.procedure_code_8, c.procedure_code_9, c.procedure_code_10,
        c.procedure_code_11, c.procedure_code_12, c.procedure_code_13, c.procedure_code_14, c.procedure_code_15,
        c.procedure_code_16, c.procedure_code_17, c.procedure_code_18, c.procedure_code_19, c.procedure_code_20,
        c.procedure_code_21, c.procedure_code_22, c.procedure_code_23, c.procedure_code_24, c.procedure_code_25
    ) as procedures,
    coalesce(c.tags, '') as tags
from landed.medical_claim as c
cross join knowledge.run as r
left join knowledge.joined_number as j on c.person_id = j.person_id
where c.claim_start_date <= r.as_of
