-- The condition categories (HCCs) of each person, after age and sex edits and after the hierarchies.
--
-- Edits first: some codes do not count at some ages or for one sex, or count as another category. Then V28's rule that
-- heart failure category 223 (acute on chronic) needs one of its companions. Then the hierarchies: the graver category
-- drops the milder ones of its family.
--
-- grain: person_id, model, payment_year, hcc
-- person_id     the person
-- model         V24 or V28
-- payment_year  the year the score is for
-- hcc           the category's number
-- newest        landed rows of its most recent code: the latest claim and the first
-- evidence      landed rows of its most recent and its least recent code
-- tags          every sensitivity tag of its diagnoses, sorted

with mapped as (
    select
        d.person_id,
        m.model,
        d.payment_year,
        case when e.action = 'override' then e.hcc else m.hcc end as hcc,
        cast(d.latest_on as varchar) || ' ' || d.evidence as cited,
        ';' || d.tags || ';' as tags
    from marts.hcc_diagnosis as d
    inner join marts.hcc_person as p on d.person_id = p.person_id and d.payment_year = p.payment_year
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
    where p.status = 'scored' and coalesce(e.action, '') <> 'invalid'
),

gathered as (
    select
        person_id,
        model,
        payment_year,
        hcc,
        substr(max(cited), 12) as newest,
        substr(min(cited), 12) as other,
        concat_ws(
            ';',
            max(case when tags like '%;behavioral;%' then 'behavioral' end),
            max(case when tags like '%;hiv;%' then 'hiv' end),
            max(case when tags like '%;minor;%' then 'minor' end),
            max(case when tags like '%;reproductive;%' then 'reproductive' end),
            max(case when tags like '%;safety;%' then 'safety' end)
        ) as tags
    from mapped
    group by person_id, model, payment_year, hcc
),

heart_failure as (
    select distinct person_id, payment_year
    from gathered
    where model = 'V28' and hcc in ('221', '222', '224', '225', '226')
),

standing as (
    select g.*
    from gathered as g
    left join heart_failure as f on g.person_id = f.person_id and g.payment_year = f.payment_year
    where not (g.model = 'V28' and g.hcc = '223' and f.person_id is null)
),

dropped as (
    select distinct s.person_id, s.model, s.payment_year, h.drops as hcc
    from standing as s
    inner join knowledge.hcc_hierarchy as h on s.model = h.model and s.hcc = h.hcc
)

select
    s.person_id,
    s.model,
    s.payment_year,
    s.hcc,
    s.newest,
    s.newest || case when s.other <> s.newest then ';' || s.other else '' end as evidence,
    s.tags
from standing as s
left join dropped as d
    on s.person_id = d.person_id and s.model = d.model and s.payment_year = d.payment_year and s.hcc = d.hcc
where d.person_id is null
