-- The Charlson index of each person over the last 24 months, with its conditions in words.
--
-- Someone without coverage and without any diagnosis in those months is unknown, not healthy: the index is null.
--
-- grain: person_id
-- person_id               the person
-- charlson                the sum of Charlson's weights (1987); null when nothing is known
-- charlson_2011           the sum of Quan's newer weights (2011); null when nothing is known
-- charlson_conditions     the conditions in words, sorted, joined with semicolons
-- elixhauser_readmission  AHRQ's readmission index; null for people without an inpatient claim
-- evidence                landed rows behind the conditions, newest condition first, three conditions at most
-- tags                    sensitivity tags of the conditions, sorted

with covered as (
    select distinct e.person_id
    from input.eligibility as e
    cross join knowledge.run as r
    where e.starts_on <= r.as_of and e.ends_on > cast(r.as_of - interval '24' month as date)
),

diagnosed as (
    select distinct d.person_id
    from core.diagnosis as d
    cross join knowledge.run as r
    where d."on" <= r.as_of and d."on" > cast(r.as_of - interval '24' month as date)
),

placed as (
    select *, row_number() over (partition by person_id order by latest_on desc, condition) as place
    from marts.comorbidity_condition
),

sums as (
    select
        person_id,
        sum(weight_1987) as charlson,
        sum(weight_2011) as charlson_2011,
        string_agg(label, ';' order by label) as charlson_conditions,
        concat_ws(
            ';',
            max(case when place = 1 then evidence end),
            max(case when place = 2 then evidence end),
            max(case when place = 3 then evidence end)
        ) as evidence,
        concat_ws(
            ';',
            max(case when tags like '%behavioral%' then 'behavioral' end),
            max(case when tags like '%hiv%' then 'hiv' end),
            max(case when tags like '%minor%' then 'minor' end),
            max(case when tags like '%reproductive%' then 'reproductive' end),
            max(case when tags like '%safety%' then 'safety' end)
        ) as tags
    from placed
    group by person_id
)

select
    p.person_id,
    case
        when s.person_id is not null then cast(s.charlson as integer)
        when c.person_id is not null or d.person_id is not null then 0
    end as charlson,
    case
        when s.person_id is not null then cast(s.charlson_2011 as integer)
        when c.person_id is not null or d.person_id is not null then 0
    end as charlson_2011,
    coalesce(s.charlson_conditions, '') as charlson_conditions,
    e.elixhauser_readmission,
    coalesce(s.evidence, '') as evidence,
    coalesce(s.tags, '') as tags
from core.person as p
left join sums as s on p.person_id = s.person_id
left join covered as c on p.person_id = c.person_id
left join diagnosed as d on p.person_id = d.person_id
left join marts.comorbidity_elixhauser as e on p.person_id = e.person_id
