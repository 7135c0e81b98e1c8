-- CMS-HCC scores as the pages show them.
--
-- grain: person_id, model, payment_year
-- person_id      the person
-- model          V24 or V28
-- payment_year   the year the score is for
-- segment        the CMS-HCC segment; null when not applicable
-- hccs           the condition categories, by number; null when not applicable
-- raw_score      the sum of the parts; null when not applicable
-- payment_score  after normalization and coding adjustment; null without factors
-- status         scored or not_applicable
-- remark         why not applicable, or what to know about the score
-- factor_status  how sure the factors are: check, none
-- tags           sensitivity tags of its parts, sorted

select
    person_id,
    model,
    payment_year,
    segment,
    hccs,
    raw_score,
    payment_score,
    status,
    remark,
    factor_status,
    tags
from marts.hcc_score
