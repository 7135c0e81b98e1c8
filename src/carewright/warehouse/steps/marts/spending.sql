-- What was paid for each person by day of service and kind of service, facts protected by 42 CFR Part 2 left out.
--
-- exported: no
-- grain: person_id, on, kind, is_open
-- person_id  the person
-- on         first day of the claim, or day of the fill
-- kind       inpatient, emergency, pharmacy or other
-- is_open    without any sensitivity tag
-- paid       paid, in dollars; cost outliers are left as they are

with paid as (
    select
        c.person_id,
        c.starts_on as "on",
        case
            when c.service_category_1 = 'inpatient' then 'inpatient'
            when c.service_category_2 = 'emergency department' then 'emergency'
            else 'other'
        end as kind,
        c.tags = '' as is_open,
        c.paid
    from core.claim as c
    cross join marts.window as w
    where c.starts_on > w.after_24 - 31 and c.tags not like '%part2%' and c.paid is not null
    union all
    select d.person_id, d."on", 'pharmacy' as kind, d.tags = '' as is_open, d.paid
    from core.dispensing as d
    cross join marts.window as w
    where d."on" > w.after_24 - 31 and d.tags not like '%part2%' and d.paid is not null
)

select person_id, "on", kind, is_open, cast(sum(paid) as decimal(18, 2)) as paid
from paid
group by person_id, "on", kind, is_open
