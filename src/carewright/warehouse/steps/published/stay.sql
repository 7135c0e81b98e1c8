-- Hospital stays, as the patient record receives them.
--
-- stored: no
-- grain: stay_id

select
    stay_id,
    person_id,
    admitted_on,
    discharged_on,
    discharge_status,
    discharge_is_assumed,
    drg_code,
    principal_diagnosis,
    facility_npi,
    facility,
    admit_type_code,
    claim_ids,
    told_by,
    is_acute,
    is_unplanned,
    went_through_ed,
    paid,
    tags,
    evidence
from core.inpatient_stay
where tags not like '%part2%'
