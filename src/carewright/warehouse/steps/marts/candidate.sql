-- The people each program suggests, in the order of their score.
--
-- grain: person_id, program
-- person_id  the person
-- program    the program
-- rank       place among those this program suggests, 1 first
-- score      the score

select
    e.person_id,
    e.program,
    cast(row_number() over (partition by e.program order by s.rank) as integer) as rank,
    s.score
from marts.eligibility as e
inner join marts.score as s on e.person_id = s.person_id
where e.verdict = 'yes'
