-- Social needs as the pages show them.
--
-- grain: person_id, code
-- person_id  the person
-- domain     the kind of need in words
-- code       ICD-10-CM without the dot
-- label      the code in words
-- on         the latest day it was written down
-- source     claim or clinical record
-- tags       sensitivity tags, sorted
-- evidence   landed rows behind it

select person_id, domain, code, label, "on", source, tags, evidence
from marts.social_need
