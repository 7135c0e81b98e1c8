-- The diagnosis codes of claims whose lines do not all carry the same ones, put together in the order of the lines.
--
-- grain: source, claim_id, person_id
-- source     the feed
-- claim_id   the payer's number for the claim
-- person_id  the person
-- diagnoses  codes joined with ',', the first line's principal one first

with kept as (
    select l.source, l.claim_id, l.person_id, l.line, l.line_number, l.diagnoses
    from input.claim_line as l
    inner join input.claim_in_doubt as d on l.source = d.source and l.claim_id = d.claim_id
)

select source, claim_id, person_id, string_agg(diagnoses, ',' order by line, line_number) as diagnoses
from kept
group by source, claim_id, person_id
having min(diagnoses) <> max(diagnoses)
