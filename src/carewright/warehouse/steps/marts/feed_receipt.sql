-- When each feed last came, how often it usually comes, and whether it has gone quiet.
--
-- grain: feed
-- feed                the source
-- receipts            on how many days something came
-- latest_received_on  the latest of them
-- usual_days          the middle interval between them; null with fewer than three
-- is_quiet            nothing for longer than one and a half times the usual interval and a week, or 45 days without one

with day as (
    select d.source as feed, d.received_on
    from input.delivery as d
    group by d.source, d.received_on
),

spaced as (
    select
        feed,
        received_on,
        date_diff('day', lag(received_on) over (partition by feed order by received_on), received_on) as days
    from day
),

feed as (
    select
        feed,
        count(*) as receipts,
        max(received_on) as latest_received_on,
        case when count(days) >= 2 then median(days) end as usual_days
    from spaced
    group by feed
)

select
    f.feed,
    f.receipts,
    f.latest_received_on,
    f.usual_days,
    date_diff('day', f.latest_received_on, r.as_of)
    > case when f.usual_days is null then 45 else f.usual_days * 1.5 + 7 end as is_quiet
from feed as f
cross join knowledge.run as r
