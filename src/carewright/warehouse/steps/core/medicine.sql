-- What pharmacies billed, number by number: what RxNorm calls it, and the sensitivity tags the medicine brings by itself.
--
-- A number RxNorm does not know may be any medicine, and so may a pack of which not every ingredient is known: both bring
-- every tag that a medicine can bring.
--
-- grain: ndc
-- ndc          the number, eleven digits
-- product      rxcui:<number> where RxNorm knows it, so that packages and makers count as one; else ndc:<number>
-- name         RxNorm's name with strength and form; null where it does not know the number
-- ingredients  its ingredients, joined with |
-- strengths    their strengths in the same order; empty for a pack
-- dose_form    the form, of a pack its forms joined with |
-- brand        the brand, empty for a generic
-- tags         sensitivity tags, sorted

with billed as (
    select distinct ndc_code as ndc
    from landed.pharmacy_claim
    where ndc_code is not null
),

numbered as (
    select rxcui, unnest(string_split(ndcs, ' ')) as ndc
    from knowledge.medicine_product
),

known as (
    select b.ndc, p.rxcui, p.name, p.ingredients, p.strengths, p.dose_form, p.brand, p.is_whole
    from billed as b
    inner join numbered as n on b.ndc = n.ndc
    inner join knowledge.medicine_product as p on n.rxcui = p.rxcui
),

worded as (
    select distinct
        rxcui,
        ' ' || replace(replace(replace(replace(replace(replace(replace(
            lower(name || '|' || coalesce(ingredients, '')),
            '|', ' '), '/', ' '), '(', ' '), ')', ' '), '[', ' '), ']', ' '), ',', ' ') || ' ' as words,
        '|' || lower(coalesce(dose_form, '')) || ' ' as forms
    from known
),

brought as (
    select w.rxcui, string_agg(distinct s.tag, ';' order by s.tag) as tags
    from worded as w
    inner join knowledge.sensitive_medicine as s
        on
            (s.match = 'ingredient' and instr(w.words, ' ' || lower(s.name) || ' ') > 0)
            or (s.match = 'form' and instr(w.forms, '|' || lower(s.name) || ' ') > 0)
    group by w.rxcui
),

every_tag as (
    select string_agg(distinct tag, ';' order by tag) as tags
    from knowledge.sensitive_medicine
)

select
    b.ndc,
    case when k.rxcui is null then 'ndc:' || b.ndc else 'rxcui:' || k.rxcui end as product,
    k.name,
    coalesce(k.ingredients, '') as ingredients,
    coalesce(k.strengths, '') as strengths,
    coalesce(k.dose_form, '') as dose_form,
    coalesce(k.brand, '') as brand,
    case when k.is_whole = '1' then coalesce(t.tags, '') else e.tags end as tags
from billed as b
cross join every_tag as e
left join known as k on b.ndc = k.ndc
left join brought as t on k.rxcui = t.rxcui
