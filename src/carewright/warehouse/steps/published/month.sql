-- Cost and use by month, as the patient record receives them.
--
-- stored: no
-- grain: person_id, month

select
    person_id,
    month,
    paid,
    inpatient_paid,
    ed_paid,
    pharmacy_paid,
    other_paid,
    stays,
    ed_visits
from marts.month
