-- Unbroken time under coverage, whoever the insurer.
--
-- grain: person_id, starts_on
-- person_id  the person
-- starts_on  first day
-- ends_on    last day; 9999-12-30 while it has no end

with marked as (
    select
        c.person_id,
        c.starts_on,
        c.ends_on,
        case
            when c.starts_on <= max(c.ends_on) over (
                partition by c.person_id
                order by c.starts_on, c.ends_on
                rows between unbounded preceding and 1 preceding
            ) + 1 then 0
            else 1
        end as starts_anew
    from (
        select person_id, starts_on, least(ends_on, date '9999-12-30') as ends_on from core.coverage
    ) as c
),

numbered as (
    select
        m.*,
        sum(m.starts_anew) over (
            partition by m.person_id
            order by m.starts_on, m.ends_on
            rows between unbounded preceding and current row
        ) as span
    from marked as m
)

select person_id, min(starts_on) as starts_on, max(ends_on) as ends_on
from numbered
group by person_id, span
