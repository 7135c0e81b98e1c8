-- Every line of every program's rule for every person, with its answer in words and the landed rows behind it.
--
-- Lines that hold for all programs stand once, under `every_program`. `open_…` is the same line read from unprotected
-- facts only; it is what roles see to whom some facts are closed.
--
-- grain: person_id, program, code
-- person_id      the person
-- program        the program, or `every_program`
-- position       place of the line in the rule
-- code           the line
-- kind           scope, exclusion or need
-- any_of         lines with the same word here are alternatives
-- label          the line in words
-- verdict        yes, no or unknown; yes speaks for the person
-- text           the answer in words
-- chip           the answer in three words, for lists; may be empty
-- tags           sensitivity tags of the facts it rests on
-- evidence       landed rows
-- open_verdict   the same from unprotected facts only
-- open_text      …
-- open_chip      …
-- open_evidence  …

with answered as (
    select
        person_id, 'every_program' as program, code, verdict, text, '' as chip, '' as tags, evidence,
        verdict as open_verdict, text as open_text, '' as open_chip, evidence as open_evidence
    from marts.criterion_every_program
    union all
    select
        person_id, program, code, verdict, text, '', '', evidence,
        verdict, text, '', evidence
    from marts.criterion_scope
    union all
    select
        person_id, program, code, verdict, text, chip, tags, evidence,
        open_verdict, open_text, open_chip, open_evidence
    from marts.criterion_count
    union all
    select
        person_id, 'chronic_care', code, verdict, text, chip, tags, evidence,
        open_verdict, open_text, open_chip, open_evidence
    from marts.criterion_chronic_care
    union all
    select
        person_id, 'social_needs', code, verdict, text, chip, tags, evidence,
        open_verdict, open_text, open_chip, open_evidence
    from marts.criterion_social_needs
    union all
    select
        person_id, 'transitional_care', code, verdict, text, chip, tags, evidence,
        open_verdict, open_text, open_chip, open_evidence
    from marts.criterion_transitional_care
)

select
    a.person_id,
    a.program,
    cast(c.position as integer) as position,
    a.code,
    c.kind,
    c.any_of,
    c.label,
    a.verdict,
    a.text,
    a.chip,
    a.tags,
    coalesce(a.evidence, '') as evidence,
    a.open_verdict,
    a.open_text,
    a.open_chip,
    coalesce(a.open_evidence, '') as open_evidence
from answered as a
inner join knowledge.program_criterion as c on a.program = c.program and a.code = c.code
