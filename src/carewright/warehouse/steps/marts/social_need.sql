-- Social needs that someone wrote down as an ICD-10-CM code Z55 to Z65 in the last 24 months.
--
-- What nobody wrote down is not here: no row means unknown, not no need. 42 CFR Part 2 facts never count.
--
-- grain: person_id, code
-- person_id  the person
-- domain     the kind of need in words
-- code       ICD-10-CM without the dot
-- label      the code in words
-- on         the latest day it was written down
-- source     claim or clinical record
-- tags       sensitivity tags, sorted
-- evidence   landed rows of the latest and the earliest of the last 24 months

with coded as (
    select
        d.person_id,
        d.code,
        s.domain,
        s.label,
        d."on" as happened_on,
        case when d.claim_kind = 'CLINICAL' then 'clinical record' else 'claim' end as source,
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
    inner join knowledge.social_need_code as s on d.code = s.code
    cross join knowledge.run as r
    where
        d."on" <= r.as_of
        and d."on" > cast(r.as_of - interval '24' month as date)
        and coalesce(d.tags, '') not like '%part2%'
),

gathered as (
    select
        person_id,
        code,
        domain,
        label,
        max(happened_on) as happened_on,
        substr(max(cast(happened_on as varchar) || ' ' || source), 12) as source,
        max(cast(happened_on as varchar) || ' ' || coalesce(evidence, '')) as newest,
        min(cast(happened_on as varchar) || ' ' || coalesce(evidence, '')) as oldest,
        bit_or(tag_bits) as tag_bits
    from coded
    group by person_id, code, domain, label
)

select
    person_id,
    domain,
    code,
    label,
    happened_on as "on",
    source,
    case
        when tag_bits = 0 then ''
        else
            concat_ws(
                ';',
                case when (tag_bits & 1) > 0 then 'behavioral' end,
                case when (tag_bits & 2) > 0 then 'hiv' end,
                case when (tag_bits & 4) > 0 then 'minor' end,
                case when (tag_bits & 8) > 0 then 'reproductive' end,
                case when (tag_bits & 16) > 0 then 'safety' end
            )
    end as tags,
    substr(newest, 12) || case when oldest <> newest then ';' || substr(oldest, 12) else '' end as evidence
from gathered
