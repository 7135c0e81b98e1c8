-- The sensitivity tags that a diagnosis code brings by itself, for every code that occurs.
--
-- grain: code
-- code  ICD-10-CM, no dot
-- tags  sensitivity tags, sorted

with code as (
    select distinct unnest(list_distinct(string_split(diagnoses, ','))) as code
    from core.claim
    where diagnosis_kind = 'icd10'
    union
    select distinct code from input.condition
),

sensitive as (
    select code, match, tag, substr(code, 1, 1) as chapter
    from knowledge.sensitive_codes
    where code_system = 'icd10cm'
)

select
    c.code,
    string_agg(distinct s.tag, ';' order by s.tag) as tags
from code as c
inner join sensitive as s on substr(c.code, 1, 1) = s.chapter
where (s.match = 'exact' and c.code = s.code) or (s.match <> 'exact' and starts_with(c.code, s.code))
group by c.code
