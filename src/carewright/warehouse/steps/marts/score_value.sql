-- What is counted for each part of the score, for each person and scored day; nothing found is no row.
--
-- grain: scored_on, person_id, part
-- scored_on   the day
-- person_id   the person
-- part        the part of the score
-- value       what is counted, all facts
-- open_value  what is counted, unprotected facts only

with stay as (
    select
        d.scored_on,
        s.person_id,
        count(*) as value,
        sum(case when s.is_open then 1 else 0 end) as open_value
    from marts.score_stay as s
    inner join marts.score_date as d
        on
            s.admitted_on > d.from_12
            and s.admitted_on <= d.scored_on
            and (d.is_today or s.known_on <= d.scored_on)
    where s.is_unplanned
    group by d.scored_on, s.person_id
),

visit as (
    select
        d.scored_on,
        v.person_id,
        count(*) as value,
        sum(case when v.is_open then 1 else 0 end) as open_value
    from marts.score_ed_visit as v
    inner join marts.score_date as d
        on
            v.visited_on > d.from_12
            and v.visited_on <= d.scored_on
            and (d.is_today or v.known_on <= d.scored_on)
    group by d.scored_on, v.person_id
),

discharge as (
    select
        d.scored_on,
        s.person_id,
        1 as value,
        max(case when s.is_open then 1 else 0 end) as open_value
    from marts.score_stay as s
    inner join marts.score_date as d
        on
            s.discharged_on > d.from_30d
            and s.discharged_on <= d.scored_on
            and (d.is_today or s.known_on <= d.scored_on)
    where s.discharge_status not in ('20', '40', '41', '42')
    group by d.scored_on, s.person_id
),

condition as (
    select
        c.scored_on,
        c.person_id,
        count(*) as value,
        sum(case when c.is_open then 1 else 0 end) as open_value
    from marts.score_condition as c
    inner join knowledge.lasting_condition as l on c.condition = l.condition and l.lasts = '1'
    group by c.scored_on, c.person_id
),

named as (
    select
        c.scored_on,
        c.person_id,
        case c.condition when 'chf' then 'heart_failure' when 'copd' then 'lung_disease' else 'kidney_disease' end as part,
        1 as value,
        case when c.is_open then 1 else 0 end as open_value
    from marts.score_condition as c
    where c.condition in ('chf', 'copd', 'ckd')
),

need as (
    select
        d.scored_on,
        n.person_id,
        count(distinct n.domain) as value,
        count(distinct case when coalesce(n.tags, '') = '' then n.domain end) as open_value
    from marts.social_need as n
    inner join marts.score_date as d
        on
            n."on" > d.from_24
            and (n."on" <= d.scored_on and (d.is_today or cast(n."on" + interval '60' day as date) <= d.scored_on))
    where instr(coalesce(n.tags, ''), 'part2') = 0
    group by d.scored_on, n.person_id
),

medicine as (
    select
        d.scored_on,
        m.person_id,
        count(distinct substr(m.ndc, 1, 9)) as value,
        count(distinct case when coalesce(m.tags, '') = '' then substr(m.ndc, 1, 9) end) as open_value
    from core.dispensing as m
    inner join marts.score_date as d
        on
            m."on" > d.from_12
            and m."on" <= d.scored_on
            and (d.is_today or coalesce(m.paid_on, cast(m."on" + interval '60' day as date)) <= d.scored_on)
    where instr(coalesce(m.tags, ''), 'part2') = 0
    group by d.scored_on, m.person_id
),

every_part as (
    select scored_on, person_id, 'unplanned_stays' as part, value, open_value from stay
    union all
    select scored_on, person_id, 'ed_visits', value, open_value from visit
    union all
    select scored_on, person_id, 'recent_discharge', value, open_value from discharge
    union all
    select scored_on, person_id, 'lasting_conditions', value, open_value from condition
    union all
    select scored_on, person_id, part, value, open_value from named
    union all
    select scored_on, person_id, 'social_needs', value, open_value from need
    union all
    select scored_on, person_id, 'medicines', value, open_value from medicine
    union all
    select scored_on, person_id, 'age', age, age from marts.score_person where age is not null
    union all
    select scored_on, person_id, 'dual', 1, 1 from marts.score_person where is_dual
)

select
    e.scored_on,
    e.person_id,
    e.part,
    cast(e.value as integer) as value,
    cast(e.open_value as integer) as open_value
from every_part as e
inner join marts.score_person as p on e.scored_on = p.scored_on and e.person_id = p.person_id
