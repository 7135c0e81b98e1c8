-- The Charlson index as the pages show it.
--
-- grain: person_id
-- person_id               the person
-- charlson                the sum of Charlson's weights (1987); null when nothing is known
-- charlson_2011           the sum of Quan's newer weights (2011); null when nothing is known
-- charlson_conditions     the conditions in words, joined with semicolons
-- elixhauser_readmission  AHRQ's readmission index; null for people without an inpatient claim
-- evidence                landed rows behind it
-- tags                    sensitivity tags, sorted

select person_id, charlson, charlson_2011, charlson_conditions, elixhauser_readmission, evidence, tags
from marts.comorbidity
