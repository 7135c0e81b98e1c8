-- The CMS-HCC score of each person, by model and payment year; not applicable outside Medicare, and says why.
--
-- The payment score is the raw score divided by the normalization factor, rounded to three places, then lowered by the
-- coding adjustment and rounded again, halves upward. It is computed in whole thousandths, so no fraction is lost.
--
-- grain: person_id, model, payment_year
-- person_id      the person
-- model          V24 or V28
-- payment_year   the year the score is for
-- segment        the CMS-HCC segment; null when not applicable
-- hccs           the condition categories, by number, joined with semicolons; null when not applicable
-- raw_score      the sum of the parts in marts.hcc; null when not applicable
-- payment_score  after normalization and coding adjustment; null without factors
-- status         scored or not_applicable
-- remark         why not applicable, or what to know about the score
-- factor_status  how sure the factors are: check (to be compared with CMS), none (no factor held)
-- tags           sensitivity tags of its parts, sorted

with factors as (
    select
        model,
        cast(payment_year as integer) as payment_year,
        cast(cast(normalization as decimal(9, 3)) * 1000 as bigint) as normalization,
        cast(1000 - cast(coding_adjustment as decimal(9, 3)) * 1000 as bigint) as kept,
        status as factor_status
    from knowledge.hcc_factor
),

sums as (
    select
        person_id,
        model,
        payment_year,
        sum(points) as raw_score,
        concat_ws(
            ';',
            max(case when tags like '%behavioral%' then 'behavioral' end),
            max(case when tags like '%hiv%' then 'hiv' end),
            max(case when tags like '%minor%' then 'minor' end),
            max(case when tags like '%reproductive%' then 'reproductive' end),
            max(case when tags like '%safety%' then 'safety' end)
        ) as tags
    from marts.hcc
    group by person_id, model, payment_year
),

listed as (
    select person_id, model, payment_year, string_agg(hcc, ';' order by cast(hcc as integer)) as hccs
    from marts.hcc_condition
    group by person_id, model, payment_year
),

scored as (
    select
        p.person_id,
        f.model,
        p.payment_year,
        p.segment,
        case when p.status = 'scored' then coalesce(l.hccs, '') end as hccs,
        cast(s.raw_score as decimal(9, 3)) as raw_score,
        cast(s.raw_score * 1000 as bigint) as thousandths,
        f.normalization,
        f.kept,
        p.status,
        p.remark,
        f.factor_status,
        coalesce(s.tags, '') as tags
    from marts.hcc_person as p
    inner join factors as f on p.payment_year = f.payment_year
    left join sums as s on p.person_id = s.person_id and f.model = s.model and p.payment_year = s.payment_year
    left join listed as l on p.person_id = l.person_id and f.model = l.model and p.payment_year = l.payment_year
),

normalized as (
    select *, floor((thousandths * 2000 + normalization) / (2 * normalization)) as normal
    from scored
)

select
    person_id,
    model,
    payment_year,
    segment,
    hccs,
    raw_score,
    cast(cast(floor((normal * kept * 2 + 1000) / 2000) as decimal(9, 0)) * 0.001 as decimal(9, 3)) as payment_score,
    status,
    remark,
    factor_status,
    tags
from normalized
