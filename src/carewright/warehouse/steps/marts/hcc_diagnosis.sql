-- The diagnoses that count for CMS-HCC: eligible encounters that ended in the year before the payment year.
--
-- 42 CFR Part 2 facts never count. Only codes that some CMS-HCC model knows are kept.
--
-- grain: number, code
-- number        the person in the payment year, as marts.hcc_person numbers them
-- payment_year  the year the score is for
-- code          ICD-10-CM without the dot
-- latest_on     the latest day it was coded
-- evidence      the landed rows of that latest claim, and of the first claim of the year with the code
-- tag_bits      every sensitivity tag any of its claims carries: behavioral 1, hiv 2, minor 4, reproductive 8, safety 16

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
        p.number,
        p.payment_year,
        e.code,
        max(e.cited) as latest,
        min(e.cited) as first,
        -- One bit a tag, so that tags of many rows join quickly: behavioral 1, hiv 2, minor 4, reproductive 8, safety 16.
        bit_or(
            case
                when e.tags = ';;' then 0
                else
                    case when e.tags like '%;behavioral;%' then 1 else 0 end
                    + case when e.tags like '%;hiv;%' then 2 else 0 end
                    + case when e.tags like '%;minor;%' then 4 else 0 end
                    + case when e.tags like '%;reproductive;%' then 8 else 0 end
                    + case when e.tags like '%;safety;%' then 16 else 0 end
            end
        ) as tag_bits
    from eligible as e
    inner join marts.hcc_person as p on e.person_id = p.person_id and e.payment_year = p.payment_year
    where e.tags not like '%;part2;%' and p.status = 'scored'
    group by p.number, p.payment_year, e.code
)

select
    number,
    payment_year,
    code,
    cast(substr(latest, 1, 10) as date) as latest_on,
    substr(latest, 12) || case when first <> latest then ';' || substr(first, 12) else '' end as evidence,
    tag_bits
from gathered
