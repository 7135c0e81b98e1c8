-- Hospital stays as the score counts them, each with the day on which we could have known of it.
--
-- A stay is known when the first of its claims was paid; without a paid date, 60 days after it ended. Stays under
-- 42 CFR Part 2 are not here.
--
-- grain: stay_id
-- stay_id           the stay
-- person_id         the person
-- admitted_on       first day
-- discharged_on     last day, empty while in hospital
-- discharge_status  where to, as billed (UB-04 patient status)
-- is_unplanned      neither planned nor birth
-- known_on          the day we could have known
-- is_open           whether nothing about it is protected
-- tags              sensitivity tags
-- evidence          landed rows

select
    s.stay_id,
    s.person_id,
    s.admitted_on,
    s.discharged_on,
    s.discharge_status,
    s.is_unplanned,
    coalesce(
        min(c.paid_on),
        cast(coalesce(s.discharged_on, s.admitted_on) + interval '60' day as date)
    ) as known_on,
    coalesce(s.tags, '') = '' as is_open,
    coalesce(s.tags, '') as tags,
    s.evidence
from core.inpatient_stay as s
left join core.claim as c
    on
        s.person_id = c.person_id
        and c.claim_type = 'institutional'
        and instr(';' || s.claim_ids || ';', ';' || c.claim_id || ';') > 0
where instr(coalesce(s.tags, ''), 'part2') = 0
group by
    s.stay_id, s.person_id, s.admitted_on, s.discharged_on, s.discharge_status, s.is_unplanned, s.tags, s.evidence
