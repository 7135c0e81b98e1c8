-- The area a person lives in, as the pages show it: about the county, never about the person.
--
-- grain: person_id
-- person_id       the person
-- county_fips     the county's code
-- county          the county and state in words
-- svi_percentile  CDC Social Vulnerability Index, 0 least to 1 most vulnerable
-- edition         which edition of the index

select person_id, county_fips, county, svi_percentile, edition
from marts.neighborhood
