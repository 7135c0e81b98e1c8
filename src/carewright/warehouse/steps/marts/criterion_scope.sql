-- Whom each program speaks about: the age and, where a site says so, the kind of payer.
--
-- grain: person_id, program, code
-- person_id  the person
-- program    the program
-- code       the line: `adult` or `payer`
-- verdict    yes, no or unknown
-- text       the answer in words
-- evidence   landed rows

select
    p.person_id,
    s.program,
    'adult' as code,
    case
        when p.age is null then 'unknown'
        when p.age >= cast(s.value as integer) then 'yes'
        else 'no'
    end as verdict,
    case
        when p.age is null then 'No birth date on file: unknown, not no.'
        when p.age >= cast(s.value as integer) then 'Age ' || cast(p.age as varchar) || '.'
        else
            'Age ' || cast(p.age as varchar) || '. The rule speaks about people from ' || s.value || ' years on.'
    end as text,
    p.evidence
from core.person as p
inner join marts.criterion_setting as s on s.key = 'youngest'
union all
select
    p.person_id,
    s.program,
    'payer',
    case
        when s.value = 'any' then 'yes'
        when p.payer_type is null or p.payer_type = 'unknown' then 'unknown'
        when p.payer_type = s.value then 'yes'
        else 'no'
    end,
    case
        when s.value = 'any' then 'Any kind of payer.'
        when p.payer_type is null or p.payer_type = 'unknown' then 'The kind of payer is not on file.'
        else 'Covered by ' || p.payer_type || '; the program is set to ' || s.value || '.'
    end,
    p.evidence
from core.person as p
inner join marts.criterion_setting as s on s.key = 'payer_type'
