-- The parts of everyone's score, as the record receives them.
--
-- grain: person_id, code
select person_id, position, code, label, points, value, tags, evidence, all_label, all_evidence from marts.score_part
