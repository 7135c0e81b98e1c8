-- From which month on a feed tells of care as it happened, and the latest month its payments reach.
--
-- A feed begins with the first month that has a quarter of the claims of its fullest month. What lies before are late
-- bills of an earlier time: their money counts, but nothing is learned from them and nothing is missing in them.
--
-- grain: feed
-- feed          the source, or the source followed by " (pharmacy)"
-- first_month   the month it begins with, as year * 12 + month - 1
-- valued_month  the latest month of service or payment, counted the same way

with month as (
    select
        feed,
        extract(year from month) * 12 + extract(month from month) - 1 as number,
        sum("rows") as claims,
        max(extract(year from month) * 12 + extract(month from month) - 1 + greatest(lag, 0)) as valued
    from marts.feed_month
    group by feed, extract(year from month) * 12 + extract(month from month) - 1
),

fullest as (
    select feed, max(claims) as claims from month group by feed
)

select
    m.feed,
    cast(min(case when m.claims * 4 >= f.claims then m.number end) as integer) as first_month,
    cast(max(m.valued) as integer) as valued_month
from month as m
inner join fullest as f on m.feed = f.feed
group by m.feed
