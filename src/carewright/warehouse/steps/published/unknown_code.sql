-- Codes that no table knew.
--
-- stored: no
-- grain: code_system, table

select
    code_system,
    "table",
    lines,
    unknown,
    share,
    examples
from marts.unknown_code
