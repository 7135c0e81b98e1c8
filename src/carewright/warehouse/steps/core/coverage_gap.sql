-- Days between two spans of coverage, whoever the insurer, on which a person had none that we know of.
--
-- grain: person_id, starts_on
-- person_id  the person
-- starts_on  first day without coverage
-- ends_on    last day without coverage
-- days       how many days

with marked as (
    select
        c.person_id,
        c.starts_on,
        max(c.ends_on) over (
            partition by c.person_id
            order by c.starts_on, c.ends_on
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from (
        select person_id, starts_on, least(ends_on, date '9999-12-30') as ends_on from core.coverage
    ) as c
)

select
    person_id,
    covered_until + 1 as starts_on,
    starts_on - 1 as ends_on,
    date_diff('day', covered_until, starts_on) - 1 as days
from (select distinct person_id, starts_on, covered_until from marked) as m
where starts_on > covered_until + 1
