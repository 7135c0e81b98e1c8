-- What the data call each provider and hospital, for pages that would else show a bare number.
--
-- stored: no
-- grain: npi

select npi, name
from core.provider
where name is not null
