-- What each feed's claims cost by month of service and by how many months later they were paid: the triangle.
--
-- Pharmacy fills are a feed of their own: they are paid on another clock. A claim without a day of payment counts as
-- rows, and its money with lag -1: when it was paid is not known.
--
-- grain: feed, month, lag
-- feed   the source, or the source followed by " (pharmacy)"
-- month  first day of the month of service
-- lag    months from service to payment, 12 for twelve or more; -1 when not known
-- paid   paid, in dollars
-- rows   claims or fills

with told as (
    select source as feed, starts_on as "on", paid_on, paid from core.claim
    union all
    select source || ' (pharmacy)' as feed, "on", paid_on, paid from core.dispensing
),

counted as (
    select
        t.feed,
        cast(date_trunc('month', t."on") as date) as month,
        case
            when t.paid_on is null or t.paid_on > r.as_of then -1
            else
                greatest(
                    0,
                    least(
                        12,
                        (extract(year from t.paid_on) - extract(year from t."on")) * 12
                        + extract(month from t.paid_on) - extract(month from t."on")
                    )
                )
        end as lag,
        t.paid
    from told as t
    cross join knowledge.run as r
)

select
    feed,
    month,
    cast(lag as integer) as lag,
    cast(coalesce(sum(paid), 0) as decimal(18, 2)) as paid,
    count(*) as "rows"
from counted
group by feed, month, lag
