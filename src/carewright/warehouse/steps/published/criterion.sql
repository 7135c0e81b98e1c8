-- Every line of every program's rule for every person, as the record receives it.
--
-- grain: person_id, program, code
select
    person_id, program, position, code, kind, any_of, label, verdict, text, chip, tags, evidence,
    open_verdict, open_text, open_chip, open_evidence
from marts.criterion
