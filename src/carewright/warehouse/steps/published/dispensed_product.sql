-- What each product that somebody was handed out is called: one row a product, for pages that would else show a number.
--
-- grain: product
-- product      rxcui:<number> or ndc:<number>, as in core.medicine
-- name         RxNorm's name with strength and form; empty where it does not know the number
-- ingredients  its ingredients, joined with |
-- strengths    their strengths in the same order
-- dose_form    the form
-- brand        the brand, empty for a generic

select
    m.product,
    max(coalesce(m.name, '')) as name,
    max(m.ingredients) as ingredients,
    max(m.strengths) as strengths,
    max(m.dose_form) as dose_form,
    max(m.brand) as brand
from core.medicine as m
inner join (select distinct product from marts.dispensed) as d on m.product = d.product
group by m.product
