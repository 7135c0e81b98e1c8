-- The Charlson index of each person on each scored day, only to compare our order with it.
--
-- Any diagnosis of the 12 months before counts, on claims paid by then; weights of Quan 2011.
--
-- grain: scored_on, person_id
-- scored_on  the day
-- person_id  the person
-- charlson   the sum of the weights

with code as (
    select distinct d.code
    from core.diagnosis as d
),

meaning as (
    select distinct c.code, k.condition
    from code as c
    inner join knowledge.charlson_code as k on substr(c.code, 1, length(k.prefix)) = k.prefix
),

found as (
    select distinct
        t.scored_on,
        d.person_id,
        m.condition
    from core.diagnosis as d
    inner join meaning as m on d.code = m.code
    left join core.claim as c on d.claim_key = c.claim_key
    inner join marts.score_date as t
        on
            d."on" > t.from_12
            and d."on" <= t.scored_on
            and coalesce(c.paid_on, cast(d."on" + interval '60' day as date)) <= t.scored_on
    where not t.is_today and instr(coalesce(d.tags, ''), 'part2') = 0
),

outranked as (
    select f.scored_on, f.person_id, w.outranks as condition
    from found as f
    inner join knowledge.charlson_weight as w on f.condition = w.condition and coalesce(w.outranks, '') <> ''
)

select
    f.scored_on,
    f.person_id,
    cast(sum(cast(w.weight_2011 as integer)) as integer) as charlson
from found as f
inner join knowledge.charlson_weight as w on f.condition = w.condition
left join outranked as o on f.scored_on = o.scored_on and f.person_id = o.person_id and f.condition = o.condition
where o.condition is null
group by f.scored_on, f.person_id
