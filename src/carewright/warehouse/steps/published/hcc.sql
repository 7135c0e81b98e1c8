-- The parts of each CMS-HCC score as the pages show them; one person's points of a model and year add up to the score.
--
-- grain: person_id, model, payment_year, hcc
-- person_id     the person
-- model         V24 or V28
-- payment_year  the year the score is for
-- hcc           the category's number, or the coefficient's name
-- label         the part in words
-- points        what it adds to the raw score
-- kind          demographic, hcc, interaction or count
-- evidence      landed rows behind it
-- tags          sensitivity tags, sorted

select person_id, model, payment_year, hcc, label, points, kind, evidence, tags
from marts.hcc
