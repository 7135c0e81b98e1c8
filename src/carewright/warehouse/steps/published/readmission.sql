-- Readmissions, as the patient record receives them.
--
-- stored: no
-- grain: index_stay_id

select
    index_stay_id,
    person_id,
    discharged_on,
    readmission_stay_id,
    readmitted_on,
    days,
    planned,
    is_index,
    is_unplanned,
    tags,
    evidence
from marts.readmission
where tags not like '%part2%'
