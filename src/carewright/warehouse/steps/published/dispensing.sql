-- What each person was handed out, product by product, as the patient record receives it.
--
-- stored: no
-- grain: person_id, product

select
    person_id, product, ndc, said, first_on, latest_on, days_supply, lasts_to, quantity, prescriber_npi, pharmacy_npi,
    days_12, filled_on, tags, evidence
from marts.dispensed
