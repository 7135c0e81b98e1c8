-- The numbers of the programs and of the ranking as they hold in this run: a site's own, or else the default.
--
-- grain: program, key
-- program  the program, or `ranking`
-- key      which number
-- value    its value in this run

select
    t.program,
    t.key,
    coalesce(s.value, t.value) as value
from knowledge.program_threshold as t
left join knowledge.program_setting as s on t.program = s.program and t.key = s.key
