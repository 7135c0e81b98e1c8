-- The Charlson conditions of each person over the last 24 months, each with its weight; the milder of a pair dropped.
--
-- Any diagnosis counts, on a claim or in a clinical record (Quan's ICD-10 coding). 42 CFR Part 2 facts never count.
--
-- grain: person_id, condition
-- person_id    the person
-- condition    the Charlson condition
-- label        the condition in words
-- weight_1987  Charlson's own weight
-- weight_2011  Quan's newer weight
-- latest_on    latest coding
-- evidence     landed rows of the latest and the earliest coding inside the 24 months
-- tags         sensitivity tags, sorted

with coded as (
    select
        d.person_id,
        d.code,
        d."on" as happened_on,
        d.evidence,
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
    cross join knowledge.run as r
    where
        d."on" <= r.as_of
        and d."on" > cast(r.as_of - interval '24' month as date)
        and coalesce(d.tags, '') not like '%part2%'
),

-- A prefix has three or four signs; two joins on equality are far quicker than one on "starts with".
meant as (
    select k.code, c.condition
    from (select distinct code from coded) as k
    inner join knowledge.charlson_code as c on length(c.prefix) = 3 and substr(k.code, 1, 3) = c.prefix
    union
    select k.code, c.condition
    from (select distinct code from coded) as k
    inner join knowledge.charlson_code as c on length(c.prefix) = 4 and substr(k.code, 1, 4) = c.prefix
),

gathered as (
    select
        d.person_id,
        m.condition,
        max(d.happened_on) as latest_on,
        max(cast(d.happened_on as varchar) || ' ' || coalesce(d.evidence, '')) as newest,
        min(cast(d.happened_on as varchar) || ' ' || coalesce(d.evidence, '')) as oldest,
        bit_or(d.tag_bits) as tag_bits
    from coded as d
    inner join meant as m on d.code = m.code
    group by d.person_id, m.condition
),

outranked as (
    select g.person_id, w.outranks as condition
    from gathered as g
    inner join knowledge.charlson_weight as w on g.condition = w.condition
    where coalesce(w.outranks, '') <> ''
)

select
    g.person_id,
    g.condition,
    w.label,
    cast(w.weight_1987 as integer) as weight_1987,
    cast(w.weight_2011 as integer) as weight_2011,
    g.latest_on,
    substr(g.newest, 12) || case when g.oldest <> g.newest then ';' || substr(g.oldest, 12) else '' end as evidence,
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
    end as tags
from gathered as g
inner join knowledge.charlson_weight as w on g.condition = w.condition
left join outranked as o on g.person_id = o.person_id and g.condition = o.condition
where o.condition is null
