-- AHRQ's refined Elixhauser comorbidities of people who were inpatients in the last 24 months, weighted for readmission.
--
-- Only secondary diagnoses of inpatient claims count, as AHRQ says. Claims reach this step without the "present on
-- admission" mark, so comorbidities that ask for it are counted as if present: the index is an upper reading of AHRQ's.
-- 42 CFR Part 2 facts never count.
--
-- grain: person_id
-- person_id               the person
-- elixhauser_readmission  the sum of the weights of the 30-day readmission index

with inpatient as (
    select d.person_id, d.code, d.position
    from core.diagnosis as d
    cross join knowledge.run as r
    where
        d.claim_kind = 'IP'
        and d."on" <= r.as_of
        and d."on" > cast(r.as_of - interval '24' month as date)
        and coalesce(d.tags, '') not like '%part2%'
),

people as (
    select distinct person_id
    from inpatient
),

found as (
    select distinct i.person_id, c.comorbidity
    from inpatient as i
    inner join knowledge.elixhauser_code as c on i.code = c.code
    where i.position > 1
),

dropped as (
    select distinct f.person_id, x.drops as comorbidity
    from found as f
    inner join knowledge.elixhauser_exclusion as x on f.comorbidity = x.comorbidity
),

standing as (
    select f.person_id, cast(w.readmission_weight as integer) as weight
    from found as f
    inner join knowledge.elixhauser_weight as w on f.comorbidity = w.comorbidity
    left join dropped as d on f.person_id = d.person_id and f.comorbidity = d.comorbidity
    where d.comorbidity is null
)

select p.person_id, cast(coalesce(sum(s.weight), 0) as integer) as elixhauser_readmission
from people as p
left join standing as s on p.person_id = s.person_id
group by p.person_id
