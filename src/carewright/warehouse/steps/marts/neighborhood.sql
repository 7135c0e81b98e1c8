-- The area a person lives in: how vulnerable its county is as a whole. A fact about the place, never about the person.
--
-- A ZIP code that reaches into several counties is placed in one of them; where the county is not known there is no row.
--
-- grain: person_id
-- person_id       the person
-- county_fips     the county's code
-- county          the county and state in words
-- svi_percentile  CDC Social Vulnerability Index, 0 least to 1 most vulnerable of all United States counties
-- edition         which edition of the index

select
    p.person_id,
    c.county_fips,
    c.county || ', ' || c.state as county,
    cast(c.svi_percentile as decimal(5, 4)) as svi_percentile,
    'CDC SVI 2022' as edition
from core.person as p
inner join knowledge.zip_county as z on substr(p.zip_code, 1, 5) = z.zip_code
inner join knowledge.svi_county as c on z.county_fips = c.county_fips
