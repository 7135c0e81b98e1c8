-- Emergency visits that did not become a stay, each with the day on which we could have known of it.
--
-- A visit is known when the first of its claims was paid; without a paid date, 60 days after it. Visits under 42 CFR
-- Part 2 are not here.
--
-- grain: visit_id
-- visit_id    the visit
-- person_id   the person
-- visited_on  its first day
-- known_on    the day we could have known
-- is_open     whether nothing about it is protected
-- tags        sensitivity tags
-- evidence    landed rows

select
    v.visit_id,
    v.person_id,
    v.visited_on,
    coalesce(min(c.paid_on), cast(v.visited_on + interval '60' day as date)) as known_on,
    coalesce(v.tags, '') = '' as is_open,
    coalesce(v.tags, '') as tags,
    v.evidence
from core.ed_visit as v
left join core.claim as c
    on
        v.person_id = c.person_id
        and instr(';' || v.claim_ids || ';', ';' || c.claim_id || ';') > 0
where not v.led_to_stay and instr(coalesce(v.tags, ''), 'part2') = 0
group by v.visit_id, v.person_id, v.visited_on, v.tags, v.evidence
