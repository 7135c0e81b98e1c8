-- The diagnoses that count for CMS-HCC: eligible encounters that ended in the year before the payment year.
--
-- 42 CFR Part 2 facts never count. Only codes that some CMS-HCC model knows are kept.
--
-- grain: person_id, payment_year, code
-- person_id     the person
-- payment_year  the year the score is for
-- code          ICD-10-CM without the dot
-- latest_on     the latest day it was coded
-- evidence      the landed rows of that latest claim, and of the first claim of the year with the code
-- tags          every sensitivity tag any of its claims carries, sorted

with known as (
    select distinct code from knowledge.hcc_code
),

eligible as (
    select
        d.person_id,
        cast(extract(year from coalesce(d.ends_on, d."on")) as integer) + 1 as payment_year,
        d.code,
        cast(coalesce(d.ends_on, d."on") as varchar) || ' ' || coalesce(d.evidence, '') as cited,
        ';' || coalesce(d.tags, '') || ';' as tags
    from core.diagnosis as d
    inner join known as k on d.code = k.code
    cross join knowledge.run as r
    where d.is_risk_eligible and coalesce(d.ends_on, d."on") <= r.as_of
),

gathered as (
    select
        e.person_id,
        e.payment_year,
        e.code,
        max(e.cited) as latest,
        min(e.cited) as first,
        concat_ws(
            ';',
            max(case when e.tags like '%;behavioral;%' then 'behavioral' end),
            max(case when e.tags like '%;hiv;%' then 'hiv' end),
            max(case when e.tags like '%;minor;%' then 'minor' end),
            max(case when e.tags like '%;reproductive;%' then 'reproductive' end),
            max(case when e.tags like '%;safety;%' then 'safety' end)
        ) as tags
    from eligible as e
    inner join marts.hcc_person as p on e.person_id = p.person_id and e.payment_year = p.payment_year
    where e.tags not like '%;part2;%' and p.status = 'scored'
    group by e.person_id, e.payment_year, e.code
)

select
    person_id,
    payment_year,
    code,
    cast(substr(latest, 1, 10) as date) as latest_on,
    substr(latest, 12) || case when first <> latest then ';' || substr(first, 12) else '' end as evidence,
    tags
from gathered
