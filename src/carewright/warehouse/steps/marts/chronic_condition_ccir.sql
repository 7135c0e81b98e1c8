-- Chronic conditions by AHRQ's indicator (CCIR): every chronic code of the last 24 months, one row a three-sign category.
--
-- The indicator marks single codes; E11.9 and E11.65 are one diabetes, so codes are gathered by the first three signs
-- of ICD-10-CM. One coding is enough, on a claim or in a clinical record. 42 CFR Part 2 facts never count.
--
-- grain: person_id, condition
-- person_id  the person
-- condition  the three-sign ICD-10-CM category
-- label      the category in words
-- first_on   first coding in all data known
-- latest_on  latest coding
-- claims     claims and records with such a code in the last 24 months
-- tags       sensitivity tags of those of the last 24 months, sorted
-- evidence   landed rows of the latest and the earliest of those of the last 24 months

with coded as (
    select
        d.person_id,
        substr(d.code, 1, 3) as condition,
        d.claim_key,
        d."on" as happened_on,
        case when d."on" > cast(r.as_of - interval '24' month as date) then 1 else 0 end as is_recent,
        cast(d."on" as varchar) || ' ' || coalesce(d.evidence, '') as cited,
        ';' || coalesce(d.tags, '') || ';' as tags
    from core.diagnosis as d
    inner join knowledge.ccir as c on d.code = c.code and c.chronic = '1'
    cross join knowledge.run as r
    where d."on" <= r.as_of and ';' || coalesce(d.tags, '') || ';' not like '%;part2;%'
),

gathered as (
    select
        person_id,
        condition,
        min(happened_on) as first_on,
        max(happened_on) as latest_on,
        max(is_recent) as is_recent,
        count(distinct case when is_recent = 1 then coalesce(cast(claim_key as varchar), cited) end) as claims,
        max(case when is_recent = 1 then cited end) as newest,
        min(case when is_recent = 1 then cited end) as oldest,
        concat_ws(
            ';',
            max(case when is_recent = 1 and tags like '%;behavioral;%' then 'behavioral' end),
            max(case when is_recent = 1 and tags like '%;hiv;%' then 'hiv' end),
            max(case when is_recent = 1 and tags like '%;minor;%' then 'minor' end),
            max(case when is_recent = 1 and tags like '%;reproductive;%' then 'reproductive' end),
            max(case when is_recent = 1 and tags like '%;safety;%' then 'safety' end)
        ) as tags
    from coded
    group by person_id, condition
)

select
    g.person_id,
    g.condition,
    coalesce(w.description, g.condition) as label,
    g.first_on,
    g.latest_on,
    cast(g.claims as integer) as claims,
    g.tags,
    substr(g.newest, 12) || case when g.oldest <> g.newest then ';' || substr(g.oldest, 12) else '' end as evidence
from gathered as g
left join knowledge.icd10cm as w on g.condition = w.code
where g.is_recent = 1
