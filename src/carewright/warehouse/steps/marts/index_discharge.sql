-- Every acute discharge, and whether it may be counted when readmissions are: alive, not against advice, not to another
-- acute hospital, and followed for 30 days.
--
-- grain: stay_id
-- stay_id        the stay
-- person_id      the person
-- discharged_on  the day the person left
-- is_unplanned   whether the stay itself was unplanned
-- is_candidate   alive, not against advice, not to another acute hospital
-- is_index       a candidate whose next 30 days (or less, until death) are over and covered
-- because        why it is not an index: died, left_against_advice, acute_transfer, assumed, not_over, not_covered

with discharge as (
    select
        s.stay_id,
        s.person_id,
        s.admitted_on,
        s.discharged_on,
        s.is_unplanned,
        s.told_by,
        s.discharge_is_assumed,
        d.kind,
        p.died_on,
        least(s.discharged_on + 30, coalesce(p.died_on, s.discharged_on + 30)) as followed_until
    from core.inpatient_stay as s
    left join knowledge.discharge_status as d on s.discharge_status = d.code
    left join core.person as p on s.person_id = p.person_id
    where s.is_acute and s.discharged_on is not null
),

covered as (
    select distinct d.stay_id
    from discharge as d
    inner join core.covered_time as c
        on d.person_id = c.person_id and c.starts_on <= d.discharged_on and c.ends_on >= d.followed_until
),

ever_covered as (
    select distinct person_id from core.covered_time
),

judged as (
    select
        d.*,
        case
            when d.kind = 'died' or d.died_on <= d.discharged_on then 'died'
            when d.kind = 'left_against_advice' then 'left_against_advice'
            when d.kind = 'acute_transfer' then 'acute_transfer'
            when d.discharge_is_assumed then 'assumed'
            when d.discharged_on + 30 > r.as_of and d.followed_until > r.as_of then 'not_over'
            when c.stay_id is null and not (d.told_by = 'records' and e.person_id is null) then 'not_covered'
        end as because
    from discharge as d
    cross join knowledge.run as r
    left join covered as c on d.stay_id = c.stay_id
    left join ever_covered as e on d.person_id = e.person_id
)

select
    stay_id,
    person_id,
    discharged_on,
    is_unplanned,
    because is null or because in ('not_over', 'not_covered') as is_candidate,
    because is null as is_index,
    because
from judged
