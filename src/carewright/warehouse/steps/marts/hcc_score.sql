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
    select number, model, sum(points) as raw_score
    from marts.hcc
    group by number, model
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
        coalesce(l.tag_bits, 0) as tag_bits
    from marts.hcc_person as p
    inner join factors as f on p.payment_year = f.payment_year
    left join sums as s on p.number = s.number and f.model = s.model
    left join marts.hcc_condition_list as l on p.number = l.number and f.model = l.model
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
    concat_ws(
        ';',
        case when (tag_bits & 1) > 0 then 'behavioral' end,
        case when (tag_bits & 2) > 0 then 'hiv' end,
        case when (tag_bits & 4) > 0 then 'minor' end,
        case when (tag_bits & 8) > 0 then 'reproductive' end,
        case when (tag_bits & 16) > 0 then 'safety' end
    ) as tags
from normalized
