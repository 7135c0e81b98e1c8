-- Which claims and fills the cost of each month is made of, so that every bar opens down to what was sent.
--
-- The same claims, days and kinds as marts.spending, for the last 24 months; the patient record does not receive them,
-- a page reads those of one person from the run. In order of the person, so that few pieces of the file are read.
--
-- grain: person_id, month, kind, evidence
-- person_id  the person
-- month      first day of the month of service
-- kind       inpatient, emergency, pharmacy or other
-- evidence   the landed row; of a claim its first
-- paid       paid on it, in dollars

with paid as (
    select
        c.person_id,
        cast(date_trunc('month', c.starts_on) as date) as month,
        case
            when c.service_category_1 = 'inpatient' then 'inpatient'
            when c.service_category_2 = 'emergency department' then 'emergency'
            else 'other'
        end as kind,
        c.evidence,
        c.paid
    from core.claim as c
    cross join marts.window as w
    where c.starts_on > w.after_24 - 31 and c.tags not like '%part2%' and c.paid is not null
    union all
    select d.person_id, cast(date_trunc('month', d."on") as date) as month, 'pharmacy' as kind, d.evidence, d.paid
    from core.dispensing as d
    cross join marts.window as w
    where d."on" > w.after_24 - 31 and d.tags not like '%part2%' and d.paid is not null
)

select
    p.person_id,
    p.month,
    p.kind,
    p.evidence,
    cast(sum(p.paid) as decimal(18, 2)) as paid
from paid as p
inner join core.month as m on p.month = m.month
where m.months_ago < 24
group by p.person_id, p.month, p.kind, p.evidence
order by p.person_id, p.month
