-- The days on which everyone is scored: today, and three days in the past, so that the same reading shows its worth.
--
-- grain: scored_on
-- scored_on    the day that counts as today
-- months_back  0, 6, 9 or 12
-- is_today     whether it is the day of this run
-- from_6       six months before; facts after this day count as the last six months
-- from_12      twelve months before
-- from_24      twenty-four months before
-- from_30d     thirty days before
-- until_6      six months later: the end of the time in which stays are counted as outcomes
-- month        the first day of its month

with days as (
    select r.as_of as scored_on, 0 as months_back, true as is_today
    from knowledge.run as r
    union all
    select cast(r.as_of - interval '6' month as date), 6, false
    from knowledge.run as r
    union all
    select cast(r.as_of - interval '9' month as date), 9, false
    from knowledge.run as r
    union all
    select cast(r.as_of - interval '12' month as date), 12, false
    from knowledge.run as r
)

select
    scored_on,
    months_back,
    is_today,
    cast(scored_on - interval '6' month as date) as from_6,
    cast(scored_on - interval '12' month as date) as from_12,
    cast(scored_on - interval '24' month as date) as from_24,
    cast(scored_on - interval '30' day as date) as from_30d,
    cast(scored_on + interval '6' month as date) as until_6,
    cast(date_trunc('month', scored_on) as date) as month
from days
