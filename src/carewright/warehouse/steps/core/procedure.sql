-- Everything done to a person: hospital procedures and services from claims, procedures from records.
--
-- stored: no
-- grain: person_id, code, evidence, line_number
-- person_id    the person
-- code_system  icd-10-pcs, hcpcs, or as the record names it
-- code         the procedure or service
-- on           the day of the line or record; the first day of the claim for hospital procedures
-- npi          who did it, where known
-- line_number  the line on the claim; 0 for hospital procedures and records
-- told_by      claims or records
-- tags         sensitivity tags, sorted
-- evidence     the landed row

select
    c.person_id,
    'icd-10-pcs' as code_system,
    c.code,
    c.starts_on as "on",
    cast(null as varchar) as npi,
    0 as line_number,
    'claims' as told_by,
    c.tags,
    c.evidence
from (
    select
        person_id, unnest(list_distinct(string_split(procedures, ','))) as code, starts_on, tags, evidence
    from core.claim
    where procedures <> ''
) as c

union all

select l.person_id, 'hcpcs' as code_system, l.hcpcs as code, l."on", l.rendering_npi as npi, l.line_number,
    'claims' as told_by, l.tags, l.evidence
from core.claim_line as l
where l.hcpcs is not null

union all

select p.person_id, p.code_system, p.code, p.done_on as "on", p.practitioner_id as npi, 0 as line_number,
    'records' as told_by, p.tags, p.evidence
from input.procedure as p
where p.code is not null
