-- How complete each month of each feed is, and which months and feeds fell short.
--
-- A month is short when its claims, set against what is known to come, are under 70 % of the feed's middle month; the
-- first and the latest month, months less than half complete and months before a feed began are not judged. A short month
-- is as complete as its claims are, set against the middle month. A feed is quiet when nothing has come
-- for longer than one and a half times its usual interval and a week (45 days while fewer than three receipts are known).
--
-- grain: feed, month
-- feed           the source, or the source followed by " (pharmacy)"
-- month          first day of the month of service
-- incurred_paid  paid so far for care in that month, in dollars
-- expected_paid  what we expect in the end, in dollars; null when it cannot be learned
-- completeness   share of the expected cost that is known, 0 to 1; null when it cannot be learned
-- rows           claims or fills
-- is_short       far fewer claims than the feed's other months lead one to expect
-- is_quiet       the feed has gone quiet (the same for all its months)

with numbered as (
    select month, extract(year from month) * 12 + extract(month from month) - 1 as number from core.month
    union
    select month, extract(year from month) * 12 + extract(month from month) - 1 as number from marts.feed_month
),

calendar as (
    select
        b.feed,
        n.month,
        b.valued_month - n.number as age,
        n.number < b.first_month as is_before,
        n.number <= b.first_month or n.number = b.valued_month as is_edge
    from marts.feed_beginning as b
    inner join numbered as n on n.number <= b.valued_month
    left join (select distinct feed, month from marts.feed_month) as f on b.feed = f.feed and n.month = f.month
    where n.number >= b.first_month or f.feed is not null
),

told as (
    select
        c.feed,
        c.month,
        c.age,
        c.is_before,
        c.is_edge,
        coalesce(sum(f.paid), 0) as paid,
        coalesce(sum(f."rows"), 0) as claims,
        coalesce(sum(case when f.lag < 0 then f."rows" end), 0) as undated
    from calendar as c
    left join marts.feed_month as f on c.feed = f.feed and c.month = f.month
    group by c.feed, c.month, c.age, c.is_before, c.is_edge
),

valued as (
    select
        t.*,
        case when not t.is_before and t.undated * 2 <= t.claims then d.completeness end as completeness
    from told as t
    left join marts.feed_development as d on t.feed = d.feed and least(t.age, 12) = d.age
),

judged as (
    select
        v.*,
        case
            when v.is_edge then cast(null as double)
            when v.completeness >= 0.5 then v.claims / v.completeness
            when v.completeness is null and v.age >= 4 then cast(v.claims as double)
        end as expected_claims
    from valued as v
),

middle as (
    select feed, median(expected_claims) as claims
    from judged
    where age <= 24 and expected_claims is not null
    group by feed
),

weighed as (
    select
        j.*,
        coalesce(j.age <= 24 and j.expected_claims < 0.7 * m.claims, false) as is_short,
        -- The triangle knows how late claims come, not that a file was left out: a short month is short of claims too.
        case
            when j.age <= 24 and j.expected_claims < 0.7 * m.claims
                then coalesce(j.completeness, 1.0) * j.expected_claims / m.claims
            else j.completeness
        end as share
    from judged as j
    left join middle as m on j.feed = m.feed
)

select
    w.feed,
    w.month,
    cast(w.paid as decimal(18, 2)) as incurred_paid,
    cast(case when w.share > 0 then w.paid / w.share end as decimal(18, 2)) as expected_paid,
    w.share as completeness,
    cast(w.claims as bigint) as "rows",
    w.is_short,
    coalesce(q.is_quiet, false) as is_quiet
from weighed as w
left join marts.feed_receipt as q on w.feed = q.feed or w.feed = q.feed || ' (pharmacy)'
