-- The days the counting windows begin after: "12 months" are the days after the same day last year, up to the run's day.
--
-- exported: no
-- grain: as_of
-- as_of      the run's day, counted
-- after_6    six months before it, not counted
-- after_12   twelve months before it, not counted
-- after_24   twenty-four months before it, not counted

select
    as_of,
    cast(as_of - interval '6' month as date) as after_6,
    cast(as_of - interval '12' month as date) as after_12,
    cast(as_of - interval '24' month as date) as after_24
from knowledge.run
