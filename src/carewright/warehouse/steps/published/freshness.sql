-- How far each feed can be trusted, as every screen that uses claims shows it.
--
-- stored: no
-- grain: feed

select
    feed,
    months,
    complete_through,
    completeness,
    latest_received_on,
    is_quiet
from marts.freshness_summary
