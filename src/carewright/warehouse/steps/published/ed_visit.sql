-- Emergency visits, as the patient record receives them.
--
-- stored: no
-- grain: visit_id

select
    visit_id,
    person_id,
    visited_on,
    ended_on,
    facility_npi,
    facility,
    principal_diagnosis,
    led_to_stay,
    stay_id,
    observation,
    claim_ids,
    told_by,
    paid,
    tags,
    evidence
from core.ed_visit
where tags not like '%part2%'
