-- The condition categories (HCCs) of each person, after age and sex edits and after the hierarchies.
--
-- Edits first: some codes do not count at some ages or for one sex, or count as another category. Then V28's rule that
-- heart failure category 223 (acute on chronic) needs one of its companions. Then the hierarchies: the graver category
-- drops the milder ones of its family.
--
-- grain: number, model, hcc
-- number        the person in the payment year, as marts.hcc_person numbers them
-- model         V24 or V28
-- hcc           the category's number
-- evidence      landed rows of its most recent code: the latest claim with it and the first of the year
-- tag_bits      every sensitivity tag of its diagnoses, one bit a tag as in marts.hcc_diagnosis

with mapped as (
    select
        d.number,
        m.model,
        case when e.action = 'override' then e.hcc else m.hcc end as hcc,
        cast(d.latest_on as varchar) || ' ' || d.evidence as cited,
        d.tag_bits
    from marts.hcc_diagnosis as d
    inner join marts.hcc_person as p on d.number = p.number
    inner join knowledge.hcc_code as m
        on d.code = m.code and d.payment_year = cast(m.payment_year as integer)
    left join knowledge.hcc_edit as e
        on
            m.model = e.model
            and m.code = e.code
            and (
                (e.kind = 'sex' and e.sex = p.sex)
                or (e.kind <> 'sex' and (p.age <= cast(e.age_to as integer) or p.age >= cast(e.age_from as integer)))
            )
    where coalesce(e.action, '') <> 'invalid'
),

gathered as (
    select
        number,
        model,
        hcc,
        substr(max(cited), 12) as evidence,
        bit_or(tag_bits) as tag_bits
    from mapped
    group by number, model, hcc
),

heart_failure as (
    select distinct number
    from gathered
    where model = 'V28' and hcc in ('221', '222', '224', '225', '226')
),

standing as (
    select g.*
    from gathered as g
    left join heart_failure as f on g.number = f.number
    where not (g.model = 'V28' and g.hcc = '223' and f.number is null)
),

dropped as (
    select s.number, s.model, h.drops as hcc
    from standing as s
    inner join knowledge.hcc_hierarchy as h on s.model = h.model and s.hcc = h.hcc
)

select
    s.number,
    s.model,
    s.hcc,
    s.evidence,
    s.tag_bits
from standing as s
left join dropped as d
    on s.number = d.number and s.model = d.model and s.hcc = d.hcc
where d.number is null
