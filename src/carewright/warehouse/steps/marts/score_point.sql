-- The points of each part: those of the highest step of its ladder that the value reaches.
--
-- grain: scored_on, person_id, part
-- scored_on    the day
-- person_id    the person
-- part         the part of the score
-- value        what was counted
-- open_value   what was counted among unprotected facts
-- points       points for all facts
-- open_points  points that unprotected facts alone would give

select
    v.scored_on,
    v.person_id,
    v.part,
    v.value,
    v.open_value,
    cast(max(cast(s.points as integer)) as integer) as points,
    cast(
        max(case when v.open_value >= cast(s.at_least as integer) then cast(s.points as integer) else 0 end) as integer
    ) as open_points
from marts.score_value as v
inner join knowledge.ranking_step as s on v.part = s.part and v.value >= cast(s.at_least as integer)
group by v.scored_on, v.person_id, v.part, v.value, v.open_value
