-- Which emergency events tell of the same visit.
--
-- Facility events of one person and facility whose days touch are one visit; a professional claim belongs to the facility
-- visit it falls in. Where no hospital bills the day, all professional claims of it are one visit if one of them bills
-- the visit itself (99281 to 99285, G0380 to G0384); place of service 23 alone, such as the reading of a picture, makes
-- none. A visit that touches the day of an acute admission or the day before it, or begins during the stay, belongs to
-- that stay, and all visits of one stay are one. Claims that belong to no visit are not here.
--
-- grain: event_id
-- event_id   the claim or record
-- person_id  the person
-- visit_id   the visit it tells of
-- stay_id    the stay it led to, or happened in; null otherwise

with facility as (
    select
        e.event_id,
        e.person_id,
        coalesce(e.facility_npi, e.told_by) as place,
        e.from_on,
        e.thru_on
    from core.emergency_event as e
    where e.told_by <> 'professional'
),

marked as (
    select
        f.*,
        case
            when f.from_on <= max(f.thru_on) over (
                partition by f.person_id, f.place
                order by f.from_on, f.thru_on, f.event_id
                rows between unbounded preceding and 1 preceding
            ) then 0
            else 1
        end as starts_anew
    from facility as f
),

numbered as (
    select
        m.*,
        sum(m.starts_anew) over (
            partition by m.person_id, m.place
            order by m.from_on, m.thru_on, m.event_id
            rows between unbounded preceding and current row
        ) as number
    from marked as m
),

visit as (
    select
        person_id,
        place,
        number,
        min(from_on) as visited_on,
        max(thru_on) as ended_on,
        person_id || ':' || cast(min(from_on) as varchar) || ':ed:' || place as visit_id
    from numbered
    group by person_id, place, number
),

professional as (
    select
        e.event_id,
        e.person_id,
        e.from_on,
        min(v.visit_id) as facility_visit_id
    from core.emergency_event as e
    left join visit as v
        on e.person_id = v.person_id and e.from_on between v.visited_on and v.ended_on
    where e.told_by = 'professional'
    group by e.event_id, e.person_id, e.from_on
),

billed_visit as (
    select distinct person_id, from_on
    from core.emergency_event
    where told_by = 'professional' and is_visit
),

told as (
    select n.event_id, n.person_id, v.visit_id, v.visited_on, v.ended_on, true as is_visit
    from numbered as n
    inner join visit as v on n.person_id = v.person_id and n.place = v.place and n.number = v.number
    union all
    select
        p.event_id,
        p.person_id,
        coalesce(p.facility_visit_id, p.person_id || ':' || cast(p.from_on as varchar) || ':ed') as visit_id,
        coalesce(v.visited_on, p.from_on) as visited_on,
        coalesce(v.ended_on, p.from_on) as ended_on,
        p.facility_visit_id is not null or b.person_id is not null as is_visit
    from professional as p
    left join billed_visit as b on p.person_id = b.person_id and p.from_on = b.from_on
    left join visit as v on p.facility_visit_id = v.visit_id
),

in_stay as (
    select t.event_id, min(s.stay_id) as stay_id
    from told as t
    inner join core.inpatient_stay as s
        on
            t.person_id = s.person_id
            and s.is_acute
            and (
                (t.visited_on <= s.admitted_on and t.ended_on >= s.admitted_on - 1)
                or (t.visited_on > s.admitted_on and t.visited_on < coalesce(s.discharged_on, date '9999-12-31'))
            )
    group by t.event_id
)

select
    t.event_id,
    t.person_id,
    coalesce(i.stay_id || ':ed', t.visit_id) as visit_id,
    i.stay_id
from told as t
left join in_stay as i on t.event_id = i.event_id
where t.is_visit or i.stay_id is not null
