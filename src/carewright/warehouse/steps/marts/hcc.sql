-- What a CMS-HCC score is made of, part by part in words: the points of one person, model and year add up to the score.
--
-- grain: person_id, model, payment_year, hcc
-- person_id     the person
-- model         V24 or V28
-- payment_year  the year the score is for
-- hcc           the category's number, or the coefficient's name for a part that is no category
-- label         the part in words
-- points        what it adds to the raw score; 0 for conditions of people new to Medicare
-- kind          demographic, hcc, interaction or count
-- evidence      landed rows of the newest claims behind it
-- tags          sensitivity tags of what it reveals, sorted

with models as (
    select distinct model, cast(payment_year as integer) as payment_year
    from knowledge.hcc_factor
),

people as (
    select m.model, p.*
    from marts.hcc_person as p
    inner join models as m on p.payment_year = m.payment_year
    where p.status = 'scored'
),

points as (
    select
        model,
        cast(payment_year as integer) as payment_year,
        segment,
        term,
        case when term like 'HCC%' then substr(term, 4) end as hcc,
        cast(points as decimal(9, 3)) as points
    from knowledge.hcc_coefficient
),

terms as (
    select
        person_id,
        model,
        payment_year,
        segment,
        case
            when is_new
                then
                    case when has_medicaid then 'MCAID_' else 'NMCAID_' end
                    || case when age >= 65 and orec = '1' then 'ORIGDIS_' else 'NORIGDIS_' end
                    || cell
            else cell
        end as term,
        case when sex = 'female' then 'Woman' else 'Man' end || ', '
        || case
            when age <= 34 then 'under 35'
            when age >= 95 then '95 or older'
            else cast(age as varchar) || ' years old'
        end
        || case
            when not is_new then ''
            else
                ', new to Medicare'
                || case when has_medicaid then ', with Medicaid' else '' end
                || case when age >= 65 and orec = '1' then ', first entitled by disability' else '' end
        end as label
    from people
    union all
    select
        person_id,
        model,
        payment_year,
        segment,
        case when sex = 'female' then 'OriginallyDisabled_Female' else 'OriginallyDisabled_Male' end as term,
        'First entitled to Medicare by disability, now 65 or older' as label
    from people
    where age >= 65 and orec = '1' and not is_new
    union all
    select person_id, model, payment_year, segment, 'LTIMCAID' as term, 'Nursing facility with Medicaid' as label
    from people
    where has_medicaid and segment = 'INS'
),

demographic as (
    select t.person_id, t.model, t.payment_year, t.term as hcc, t.label, c.points
    from terms as t
    inner join points as c
        on
            t.model = c.model
            and t.payment_year = c.payment_year
            and t.segment = c.segment
            and t.term = c.term
),

conditions as (
    select
        h.person_id,
        h.model,
        h.payment_year,
        h.hcc,
        h.newest,
        h.evidence,
        h.tags,
        p.segment,
        p.is_disabled,
        coalesce(l.label, 'Condition category ' || h.hcc) as label,
        coalesce(c.points, cast(0 as decimal(9, 3))) as points
    from marts.hcc_condition as h
    inner join people as p
        on h.person_id = p.person_id and h.model = p.model and h.payment_year = p.payment_year
    left join knowledge.hcc_label as l on h.model = l.model and h.hcc = l.hcc
    left join points as c
        on
            h.model = c.model
            and h.payment_year = c.payment_year
            and p.segment = c.segment
            and h.hcc = c.hcc
),

met as (
    select
        c.person_id,
        c.model,
        c.payment_year,
        c.segment,
        g.interaction,
        c.is_disabled,
        count(distinct g.group_number) as groups_met,
        concat_ws(
            ';',
            max(case when g.group_number = '1' then c.newest end),
            max(case when g.group_number = '2' then c.newest end)
        ) as evidence,
        concat_ws(
            ';',
            max(case when c.tags like '%behavioral%' then 'behavioral' end),
            max(case when c.tags like '%hiv%' then 'hiv' end),
            max(case when c.tags like '%minor%' then 'minor' end),
            max(case when c.tags like '%reproductive%' then 'reproductive' end),
            max(case when c.tags like '%safety%' then 'safety' end)
        ) as tags
    from conditions as c
    inner join knowledge.hcc_interaction_group as g on c.model = g.model and c.hcc = g.hcc
    group by c.person_id, c.model, c.payment_year, c.segment, g.interaction, c.is_disabled
),

interactions as (
    select m.person_id, m.model, m.payment_year, m.interaction as hcc, i.label, c.points, m.evidence, m.tags
    from met as m
    inner join knowledge.hcc_interaction as i
        on m.model = i.model and m.interaction = i.interaction and m.groups_met = cast(i.groups as integer)
    inner join points as c
        on
            m.model = c.model
            and m.payment_year = c.payment_year
            and m.segment = c.segment
            and m.interaction = c.term
    where i.needs_disability = '0' or m.is_disabled
),

counted as (
    select
        person_id,
        model,
        payment_year,
        segment,
        count(*) as conditions,
        concat_ws(
            ';',
            max(case when tags like '%behavioral%' then 'behavioral' end),
            max(case when tags like '%hiv%' then 'hiv' end),
            max(case when tags like '%minor%' then 'minor' end),
            max(case when tags like '%reproductive%' then 'reproductive' end),
            max(case when tags like '%safety%' then 'safety' end)
        ) as tags
    from conditions
    group by person_id, model, payment_year, segment
),

counts as (
    select
        n.person_id,
        n.model,
        n.payment_year,
        c.term as hcc,
        cast(n.conditions as varchar) || ' payment conditions together' as label,
        c.points,
        n.tags
    from counted as n
    inner join points as c
        on
            n.model = c.model
            and n.payment_year = c.payment_year
            and n.segment = c.segment
            and c.term = case when n.conditions >= 10 then 'D10P' else 'D' || cast(n.conditions as varchar) end
    where c.points <> 0
)

select person_id, model, payment_year, hcc, label, points, 'demographic' as kind, '' as evidence, '' as tags
from demographic
union all
select person_id, model, payment_year, hcc, label, points, 'hcc' as kind, evidence, tags
from conditions
union all
select person_id, model, payment_year, hcc, label, points, 'interaction' as kind, evidence, tags
from interactions
union all
select person_id, model, payment_year, hcc, label, points, 'count' as kind, '' as evidence, tags
from counts
