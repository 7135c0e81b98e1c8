-- Chronic conditions of each person, by two schemes side by side: the CMS Warehouse's 30 and AHRQ's indicator.
--
-- grain: person_id, scheme, condition
-- person_id  the person
-- scheme     ccw30 or ccir
-- condition  the scheme's key: the Warehouse's short name, or a three-sign ICD-10-CM category
-- label      the condition in words
-- first_on   first coding known
-- latest_on  latest coding
-- claims     claims (for ccir also clinical records) inside the look-back
-- tags       sensitivity tags, sorted
-- evidence   landed rows of the latest and the earliest inside the look-back

select person_id, 'ccw30' as scheme, condition, label, first_on, latest_on, claims, tags, evidence
from marts.chronic_condition_ccw30
union all
select person_id, 'ccir' as scheme, condition, label, first_on, latest_on, claims, tags, evidence
from marts.chronic_condition_ccir
