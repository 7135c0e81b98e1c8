-- Attributed providers and their closest runners-up, as the patient record receives them.
--
-- stored: no
-- grain: person_id, rank

select
    person_id,
    rank,
    npi,
    provider_name,
    visits,
    latest_on,
    evidence
from marts.attribution
where rank <= 5
