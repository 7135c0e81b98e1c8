-- The people each program suggests, as the record receives them.
--
-- grain: person_id, program
select person_id, program, rank, score from marts.candidate
