-- Codes that no table knew.
--
-- stored: no
-- grain: code_system, table
-- as: marts.unknown_code

select
    code_system,
    "table",
    lines,
    unknown,
    share,
    examples
from marts.unknown_code
