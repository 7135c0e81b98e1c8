-- Everyone, as the patient record receives them.
--
-- grain: person_id
select * from core.person
