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
        -- One bit a tag while rows are gathered: behavioral 1, hiv 2, minor 4, reproductive 8, safety 16.
        case
            when coalesce(d.tags, '') = '' then 0
            else
                case when d.tags like '%behavioral%' then 1 else 0 end
                + case when d.tags like '%hiv%' then 2 else 0 end
                + case when d.tags like '%minor%' then 4 else 0 end
                + case when d.tags like '%reproductive%' then 8 else 0 end
                + case when d.tags like '%safety%' then 16 else 0 end
        end as tag_bits
    from core.diagnosis as d
    inner join knowledge.ccir as c on d.code = c.code and c.chronic = '1'
    cross join knowledge.run as r
    where d."on" <= r.as_of and coalesce(d.tags, '') not like '%part2%'
),

gathered as (
    select
        person_id,
        condition,
        min(happened_on) as first_on,
        max(happened_on) as latest_on,
        max(is_recent) as is_recent,
        count(distinct case when is_recent = 1 then claim_key end)
        + count(distinct case when is_recent = 1 and claim_key is null then cited end) as claims,
        max(case when is_recent = 1 then cited end) as newest,
        min(case when is_recent = 1 then cited end) as oldest,
        bit_or(case when is_recent = 1 then tag_bits else 0 end) as tag_bits
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
    case
        when g.tag_bits = 0 then ''
        else
            concat_ws(
                ';',
                case when (g.tag_bits & 1) > 0 then 'behavioral' end,
                case when (g.tag_bits & 2) > 0 then 'hiv' end,
                case when (g.tag_bits & 4) > 0 then 'minor' end,
                case when (g.tag_bits & 8) > 0 then 'reproductive' end,
                case when (g.tag_bits & 16) > 0 then 'safety' end
            )
    end as tags,
    substr(g.newest, 12) || case when g.oldest <> g.newest then ';' || substr(g.oldest, 12) else '' end as evidence
from gathered as g
left join knowledge.icd10cm as w on g.condition = w.code
where g.is_recent = 1
