-- Use and cost over 6, 12 and 24 months, as the patient record receives them.
--
-- stored: no
-- grain: person_id

select
    person_id,
    months_enrolled_12,
    stays_6,
    stays_12,
    stays_24,
    unplanned_stays_6,
    unplanned_stays_12,
    unplanned_stays_24,
    ed_visits_6,
    ed_visits_12,
    ed_visits_24,
    readmissions_12,
    snf_days_12,
    paid_6,
    paid_12,
    paid_24,
    providers_12,
    pcp_visits_12,
    medicines_12,
    stays_12_open,
    unplanned_stays_12_open,
    ed_visits_12_open,
    paid_12_open
from marts.utilization
