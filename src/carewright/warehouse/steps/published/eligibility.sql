-- What each program says about each person, as the record receives it.
--
-- grain: person_id, program
select person_id, program, verdict, otherwise, open_verdict, open_otherwise from marts.eligibility
