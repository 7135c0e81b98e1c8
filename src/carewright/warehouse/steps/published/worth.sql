-- What the order was worth on earlier days, as the record receives it.
--
-- grain: scored_on, people_group, method, top_share
select
    scored_on, months_back, is_complete, people_group, method, top_share, people, chosen, stays, caught, share
from marts.worth
