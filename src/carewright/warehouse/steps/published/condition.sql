-- Chronic conditions as the pages show them.
--
-- grain: person_id, scheme, condition
-- person_id  the person
-- scheme     ccw30 or ccir
-- condition  the scheme's key
-- label      the condition in words
-- first_on   first coding known
-- latest_on  latest coding
-- claims     claims inside the look-back
-- tags       sensitivity tags, sorted
-- evidence   landed rows behind it

select person_id, scheme, condition, label, first_on, latest_on, claims, tags, evidence
from marts.chronic_condition
