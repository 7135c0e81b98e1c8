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
-- newest        landed rows of the newest claim behind it
-- evidence      landed rows of the newest claims behind it, five at most
-- tags          every sensitivity tag of its diagnoses, sorted

with mapped as (
    select
        d.person_id,
        m.model,
        d.payment_year,
        case when e.action = 'override' then e.hcc else m.hcc end as hcc,
        d.latest_on,
        d.evidence,
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

cited as (
    select
        person_id,
        model,
        payment_year,
        hcc,
        evidence,
        max(latest_on) as latest_on,
        max(case when tags like '%;behavioral;%' then 1 else 0 end) as behavioral,
        max(case when tags like '%;hiv;%' then 1 else 0 end) as hiv,
        max(case when tags like '%;minor;%' then 1 else 0 end) as minor,
        max(case when tags like '%;reproductive;%' then 1 else 0 end) as reproductive,
        max(case when tags like '%;safety;%' then 1 else 0 end) as safety
    from mapped
    group by person_id, model, payment_year, hcc, evidence
),

placed as (
    select
        *,
        row_number() over (
            partition by person_id, model, payment_year, hcc order by latest_on desc, evidence
        ) as place
    from cited
),

gathered as (
    select
        person_id,
        model,
        payment_year,
        hcc,
        max(case when place = 1 then evidence end) as newest,
        concat_ws(
            ';',
            max(case when place = 1 then evidence end),
            max(case when place = 2 then evidence end),
            max(case when place = 3 then evidence end),
            max(case when place = 4 then evidence end),
            max(case when place = 5 then evidence end)
        ) as evidence,
        concat_ws(
            ';',
            max(case when behavioral = 1 then 'behavioral' end),
            max(case when hiv = 1 then 'hiv' end),
            max(case when minor = 1 then 'minor' end),
            max(case when reproductive = 1 then 'reproductive' end),
            max(case when safety = 1 then 'safety' end)
        ) as tags
    from placed
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

select s.*
from standing as s
left join dropped as d
    on s.person_id = d.person_id and s.model = d.model and s.payment_year = d.payment_year and s.hcc = d.hcc
where d.person_id is null
