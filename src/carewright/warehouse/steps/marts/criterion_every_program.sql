-- The lines that hold for every program: alive, covered, not in hospice, and we know who this is.
--
-- grain: person_id, code
-- person_id  the person
-- code       the line
-- verdict    yes, no or unknown; yes speaks for the person
-- text       the answer in words
-- evidence   landed rows

select
    p.person_id,
    'alive' as code,
    case when p.died_on is null then 'yes' else 'no' end as verdict,
    case
        when p.died_on is null then 'No date of death on file.'
        else 'Died on ' || cast(p.died_on as varchar) || '.'
    end as text,
    p.evidence
from core.person as p
union all
select
    p.person_id,
    'covered',
    case when p.is_covered then 'yes' when p.last_enrolled_on is null then 'unknown' else 'no' end,
    case
        when p.is_covered
            then
                'Covered by ' || coalesce(p.payer, 'a payer not named')
                || coalesce(' since ' || cast(p.first_enrolled_on as varchar), '') || '.'
        when p.last_enrolled_on is null then 'No coverage was ever sent for this person: unknown, not no.'
        else 'Coverage ended on ' || cast(p.last_enrolled_on as varchar) || '.'
    end,
    p.evidence
from core.person as p
union all
select
    p.person_id,
    'no_hospice',
    case when p.in_hospice or h.in_hospice then 'no' else 'yes' end,
    case
        when h.in_hospice
            then
                'In hospice, by a claim until ' || cast(h.latest_on as varchar)
                || case when p.in_hospice then ' and the enrollment file.' else '.' end
        when p.in_hospice then 'In hospice, by the enrollment file.'
        when h.latest_on is not null
            then
                'The latest claim that speaks of hospice ended on ' || cast(h.latest_on as varchar)
                || ', and the enrollment file names none.'
        else 'No hospice claim, and the enrollment file names none.'
    end,
    concat_ws(';', h.evidence, p.evidence)
from core.person as p
left join marts.hospice as h on p.person_id = h.person_id
union all
select
    p.person_id,
    'identity',
    case when p.identity_in_doubt then 'unknown' else 'yes' end,
    case
        when p.identity_in_doubt
            then 'Two sources contradict each other about the name and the birth date. Find out who this is first.'
        else 'All sources agree on who this is.'
    end,
    p.evidence
from core.person as p
