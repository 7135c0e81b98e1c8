-- How far each feed can be trusted: the month through which it is complete, and whether it has gone quiet.
--
-- A feed is complete through the last month that, with all of the eleven before it, is known to at least 90 %.
--
-- grain: feed
-- feed                the source, or the source followed by " (pharmacy)"
-- months              months of service it tells of, since it began
-- complete_through    last day of the month through which it is complete; null when that cannot be learned
-- completeness        share of the expected cost of its latest twelve months that is known; null when not learned
-- latest_received_on  when something last came
-- is_quiet            nothing has come for longer than usual

with month as (
    select
        f.*,
        row_number() over (partition by f.feed order by f.month desc) as place,
        min(coalesce(f.completeness, 0)) over (
            partition by f.feed order by f.month rows between 11 preceding and current row
        ) as least_complete
    from marts.freshness as f
    inner join marts.feed_beginning as b
        on f.feed = b.feed and extract(year from f.month) * 12 + extract(month from f.month) - 1 >= b.first_month
),

told as (
    select
        m.feed,
        sum(case when m."rows" > 0 then 1 else 0 end) as months,
        max(case when m.least_complete >= 0.9 then m.month end) as complete_month,
        sum(case when m.place <= 12 then m.incurred_paid end) as paid,
        sum(case when m.place <= 12 then m.expected_paid end) as expected,
        min(case when m.place <= 12 and m.completeness is null then 0 else 1 end) as is_learned
    from month as m
    group by m.feed
),

named as (
    select feed, feed as receipt from marts.feed_receipt
    union
    select t.feed, q.feed as receipt
    from told as t
    inner join marts.feed_receipt as q on t.feed = q.feed or t.feed = q.feed || ' (pharmacy)'
)

select
    n.feed,
    cast(coalesce(t.months, 0) as integer) as months,
    case
        when t.complete_month is not null then cast(t.complete_month + interval '1' month as date) - 1
    end as complete_through,
    case when t.is_learned = 1 and t.expected > 0 then cast(t.paid as double) / cast(t.expected as double) end
        as completeness,
    q.latest_received_on,
    coalesce(q.is_quiet, false) as is_quiet
from named as n
left join told as t on n.feed = t.feed
left join marts.feed_receipt as q on n.receipt = q.feed
