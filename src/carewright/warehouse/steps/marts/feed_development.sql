-- How much of a month's cost each feed usually knows so many months later, learned from its own older months.
--
-- For each lag, the middle (median) growth from that lag to the next over the months old enough to show it; the product
-- of the growth still to come is what is missing. Fewer than three such months teach nothing, and then the completeness
-- is not known.
--
-- grain: feed, age
-- feed          the feed
-- age           months from the month of service to the latest month of payment
-- completeness  share of the final cost that is known at that age, 0 to 1; null when it cannot be learned

with month as (
    select distinct
        m.feed,
        m.month,
        b.valued_month - (extract(year from m.month) * 12 + extract(month from m.month) - 1) as age
    from marts.feed_month as m
    inner join marts.feed_beginning as b
        on m.feed = b.feed and extract(year from m.month) * 12 + extract(month from m.month) - 1 >= b.first_month
),

lag as (
    select * from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)) as l (lag)
),

known as (
    select
        m.feed,
        m.month,
        m.age,
        l.lag,
        sum(case when f.lag between 0 and l.lag then f.paid end) as paid
    from month as m
    inner join lag as l on l.lag <= m.age
    inner join marts.feed_month as f on m.feed = f.feed and m.month = f.month
    where m.age <= 36
    group by m.feed, m.month, m.age, l.lag
),

growth as (
    select
        a.feed,
        a.lag,
        count(*) as months,
        median(cast(b.paid as double) / cast(a.paid as double)) as factor
    from known as a
    inner join known as b on a.feed = b.feed and a.month = b.month and b.lag = a.lag + 1
    where a.paid > 0 and b.paid > 0
    group by a.feed, a.lag
),

to_come as (
    select
        s.feed,
        l.lag as age,
        sum(case when g.lag >= l.lag then 1 else 0 end) as steps,
        sum(case when g.lag >= l.lag and g.months >= 3 then 1 else 0 end) as learned,
        sum(case when g.lag >= l.lag then ln(g.factor) end) as log_growth
    from marts.feed_beginning as s
    cross join lag as l
    left join growth as g on s.feed = g.feed
    group by s.feed, l.lag
)

select
    feed,
    age,
    case
        when age = 12 then 1.0
        when learned = 12 - age then least(1.0, exp(-coalesce(log_growth, 0.0)))
    end as completeness
from to_come
