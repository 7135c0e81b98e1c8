-- The facts behind each part of today's score, so that every point opens down to the rows it came from.
--
-- grain: person_id, part
-- person_id      the person
-- part           the part of the score
-- tags           sensitivity tags of all these facts
-- evidence       landed rows
-- open_evidence  landed rows of the unprotected facts

with today as (
    select * from marts.score_date where is_today
),

fact as (
    select s.person_id, 'unplanned_stays' as part, s.tags, s.evidence
    from marts.score_stay as s
    inner join today as d on s.admitted_on > d.from_12 and s.admitted_on <= d.scored_on
    where s.is_unplanned
    union all
    select v.person_id, 'ed_visits', v.tags, v.evidence
    from marts.score_ed_visit as v
    inner join today as d on v.visited_on > d.from_12 and v.visited_on <= d.scored_on
    union all
    select s.person_id, 'recent_discharge', s.tags, s.evidence
    from marts.score_stay as s
    inner join today as d on s.discharged_on > d.from_30d and s.discharged_on <= d.scored_on
    union all
    select c.person_id, 'lasting_conditions', coalesce(c.tags, ''), c.evidence
    from marts.chronic_condition as c
    inner join knowledge.lasting_condition as l on c.condition = l.condition and l.lasts = '1'
    where c.scheme = 'ccw30' and instr(coalesce(c.tags, ''), 'part2') = 0
    union all
    select
        c.person_id,
        case c.condition when 'chf' then 'heart_failure' when 'copd' then 'lung_disease' else 'kidney_disease' end,
        coalesce(c.tags, ''),
        c.evidence
    from marts.chronic_condition as c
    where
        c.scheme = 'ccw30'
        and c.condition in ('chf', 'copd', 'ckd')
        and instr(coalesce(c.tags, ''), 'part2') = 0
    union all
    select n.person_id, 'social_needs', coalesce(n.tags, ''), n.evidence
    from marts.social_need as n
    inner join today as d on n."on" > d.from_24 and n."on" <= d.scored_on
    where instr(coalesce(n.tags, ''), 'part2') = 0
    union all
    select m.person_id, 'medicines', max(coalesce(m.tags, '')), max(m.evidence)
    from core.dispensing as m
    inner join today as d on m."on" > d.from_12 and m."on" <= d.scored_on
    where instr(coalesce(m.tags, ''), 'part2') = 0
    group by m.person_id, substr(m.ndc, 1, 9)
    union all
    select p.person_id, k.part, '', p.evidence
    from core.person as p
    cross join (select 'age' as part union all select 'dual') as k
)

select
    person_id,
    part,
    concat_ws(
        ';',
        max(case when instr(tags, 'behavioral') > 0 then 'behavioral' end),
        max(case when instr(tags, 'hiv') > 0 then 'hiv' end),
        max(case when instr(tags, 'minor') > 0 then 'minor' end),
        max(case when instr(tags, 'reproductive') > 0 then 'reproductive' end),
        max(case when instr(tags, 'safety') > 0 then 'safety' end)
    ) as tags,
    array_to_string(list_sort(array_agg(distinct evidence)), ';') as evidence,
    coalesce(
        array_to_string(list_sort(array_agg(distinct evidence) filter (where tags = '')), ';'), ''
    ) as open_evidence
from fact
where evidence is not null
group by person_id, part
