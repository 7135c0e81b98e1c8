-- The claim lines that count: billed lines without those left out, with late additions to the list of protected sources.
--
-- stored: no
-- grain: delivery_id, line, line_number
-- source            the feed
-- claim_id          the payer's number for the claim
-- delivery_id       the received file
-- line              line in that file
-- line_number       the line on the claim; 0 when the payer gave none
-- person_id         the person
-- claim_type        institutional, professional, dental or vision
-- bill_type_code    NUBC type of bill, three characters
-- frequency         interim, replacement or final
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
-- diagnoses         diagnosis codes joined with ',', the principal one first
-- diagnosis_kind    icd10, icd9 or other
-- procedures        hospital procedure codes joined with ','
-- is_part2          from a source protected by 42 CFR Part 2
-- tags              sensitivity tags of the line as landed

with protected as (
    select kind, value from knowledge.part2_source group by kind, value
)

select
    b.source,
    b.claim_id,
    b.delivery_id,
    b.line,
    b.line_number,
    b.person_id,
    b.claim_type,
    b.bill_type_code,
    b.frequency,
    b.starts_on,
    b.ends_on,
    b.line_starts_on,
    b.line_ends_on,
    b.admitted_on,
    b.discharged_on,
    b.admit_type_code,
    b.admit_source_code,
    b.discharge_status,
    b.drg_code,
    b.revenue_code,
    b.hcpcs,
    b.place_of_service,
    b.facility_npi,
    b.billing_npi,
    b.rendering_npi,
    b.paid_on,
    b.paid,
    b.allowed,
    b.charged,
    b.diagnoses,
    b.diagnosis_kind,
    b.procedures,
    b.tags like '%part2%'
    or s.value is not null
    or f.value is not null
    or g.value is not null
    or h.value is not null as is_part2,
    b.tags
from input.billed_line as b
left join input.line_left_out as o
    on b.delivery_id = o.delivery_id and b.line = o.line and b.line_number = o.line_number and b.source = o.source
left join protected as s on s.kind = 'feed' and b.source = s.value
left join protected as f on f.kind = 'npi' and b.facility_npi = f.value
left join protected as g on g.kind = 'npi' and b.billing_npi = g.value
left join protected as h on h.kind = 'npi' and b.rendering_npi = h.value
where o.delivery_id is null
