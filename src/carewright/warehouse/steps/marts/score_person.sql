-- Who is scored on which day: today everyone; on earlier days those covered, born and alive then.
--
-- grain: scored_on, person_id
-- scored_on    the day
-- person_id    the person
-- age          age on that day, empty without a birth date
-- is_medicare  covered by Medicare in that month
-- is_dual      covered by Medicare and Medicaid in that month

with month as (
    select
        m.person_id,
        m.month,
        max(case when m.payer_type = 'medicare' then 1 else 0 end) as is_medicare,
        max(case when m.dual_status_code in ('01', '02', '03', '04', '05', '06', '08') then 1 else 0 end) as is_dual
    from core.member_month as m
    group by m.person_id, m.month
)

select
    d.scored_on,
    p.person_id,
    extract(year from d.scored_on) - extract(year from p.born_on)
    - case
        when
            extract(month from d.scored_on) * 100 + extract(day from d.scored_on)
            < extract(month from p.born_on) * 100 + extract(day from p.born_on)
            then 1
        else 0
    end as age,
    coalesce(m.is_medicare, 0) = 1 as is_medicare,
    coalesce(m.is_dual, 0) = 1 as is_dual
from marts.score_date as d
cross join core.person as p
left join month as m on p.person_id = m.person_id and d.month = m.month
where
    d.is_today
    or (
        m.person_id is not null
        and (p.born_on is null or p.born_on <= d.scored_on)
        and (p.died_on is null or p.died_on > d.scored_on)
    )
