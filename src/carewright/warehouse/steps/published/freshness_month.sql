-- How complete each month of each feed is.
--
-- stored: no
-- grain: feed, month

select
    feed,
    month,
    incurred_paid,
    expected_paid,
    completeness,
    "rows",
    is_short,
    is_quiet
from marts.freshness
