-- The thirty-six months that end with the run's month: numbered backwards from 0.
--
-- grain: month
-- month     first day of the month
-- ends_on   last day of the month
-- months_ago  0 for the run's month, 1 for the one before it, …

with digit as (
    select * from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as d (n)
),

number as (
    select a.n * 10 + b.n as n
    from digit as a
    cross join digit as b
    where a.n * 10 + b.n < 36
),

counted as (
    select
        k.n,
        cast(extract(year from r.as_of) * 12 + extract(month from r.as_of) - 1 - k.n as integer) as months
    from number as k
    cross join knowledge.run as r
)

select
    make_date(c.months // 12, c.months % 12 + 1, 1) as month,
    make_date((c.months + 1) // 12, (c.months + 1) % 12 + 1, 1) - 1 as ends_on,
    c.n as months_ago
from counted as c
