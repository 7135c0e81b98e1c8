-- Lasting conditions that a record names and that have not ended: what a problem list knows before claims show it.
--
-- The programs' rules count claims. Somebody whose records name conditions that no claim shows is not somebody without
-- them: the rules then say unknown. 42 CFR Part 2 facts never count.
--
-- grain: person_id, condition
-- person_id      the person
-- condition      the Warehouse's short name, lower case
-- label          the condition in words
-- is_open        whether an unprotected record names it
-- tags           sensitivity tags of the records, sorted
-- evidence       the landed row of the latest record
-- open_evidence  the landed row of the latest unprotected record

with named as (
    select
        d.person_id,
        k.condition,
        coalesce(d.tags, '') as tags,
        d.evidence,
        row_number() over (
            partition by d.person_id, k.condition order by d."on" desc, d.evidence
        ) as place,
        row_number() over (
            partition by d.person_id, k.condition, coalesce(d.tags, '') = '' order by d."on" desc, d.evidence
        ) as open_place
    from core.diagnosis as d
    inner join input.condition as c on d.evidence = c.evidence
    inner join knowledge.ccw30_code as k on d.code = k.code
    inner join knowledge.lasting_condition as l on k.condition = l.condition and l.lasts = '1'
    cross join knowledge.run as r
    where
        d.claim_kind = 'CLINICAL'
        and not c.is_over
        and (d.ends_on is null or d.ends_on > r.as_of)
        and instr(coalesce(d.tags, ''), 'part2') = 0
)

select
    n.person_id,
    n.condition,
    r.label,
    max(case when n.tags = '' then 1 else 0 end) = 1 as is_open,
    concat_ws(
        ';',
        max(case when instr(n.tags, 'behavioral') > 0 then 'behavioral' end),
        max(case when instr(n.tags, 'hiv') > 0 then 'hiv' end),
        max(case when instr(n.tags, 'minor') > 0 then 'minor' end),
        max(case when instr(n.tags, 'reproductive') > 0 then 'reproductive' end),
        max(case when instr(n.tags, 'safety') > 0 then 'safety' end)
    ) as tags,
    max(case when n.place = 1 then n.evidence end) as evidence,
    coalesce(max(case when n.tags = '' and n.open_place = 1 then n.evidence end), '') as open_evidence
from named as n
inner join knowledge.ccw30_rule as r on n.condition = r.condition
group by n.person_id, n.condition, r.label
