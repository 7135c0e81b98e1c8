-- What a CMS-HCC score is made of, part by part in words: the points of one person, model and year add up to the score.
--
-- grain: person_id, model, payment_year, hcc
-- person_id     the person
-- model         V24 or V28
-- payment_year  the year the score is for
-- number        the person in the payment year, as marts.hcc_person numbers them
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
        number,
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
        number,
        model,
        payment_year,
        segment,
        case when sex = 'female' then 'OriginallyDisabled_Female' else 'OriginallyDisabled_Male' end as term,
        'First entitled to Medicare by disability, now 65 or older' as label
    from people
    where age >= 65 and orec = '1' and not is_new
    union all
    select number, model, payment_year, segment, 'LTIMCAID' as term, 'Nursing facility with Medicaid' as label
    from people
    where has_medicaid and segment = 'INS'
),

demographic as (
    select t.number, t.model, t.term as hcc, t.label, c.points
    from terms as t
    inner join points as c
        on
            t.model = c.model
            and t.payment_year = c.payment_year
            and t.segment = c.segment
            and t.term = c.term
),

-- Every category in every segment, with its words and its points there (none for people new to Medicare).
worth as (
    select
        l.model,
        y.payment_year,
        s.segment,
        l.hcc,
        l.label,
        coalesce(c.points, cast(0 as decimal(9, 3))) as points
    from knowledge.hcc_label as l
    cross join (select distinct payment_year from points) as y
    cross join knowledge.hcc_segment as s
    left join points as c
        on l.model = c.model and y.payment_year = c.payment_year and s.segment = c.segment and l.hcc = c.hcc
),

conditions as (
    select
        h.number,
        h.model,
        p.payment_year,
        h.hcc,
        h.evidence,
        h.tag_bits,
        p.segment,
        p.is_disabled,
        w.label,
        w.points
    from marts.hcc_condition as h
    inner join marts.hcc_person as p on h.number = p.number
    inner join worth as w
        on h.model = w.model and p.payment_year = w.payment_year and p.segment = w.segment and h.hcc = w.hcc
),

-- Only pairs that have points in the person's segment are looked at.
touched as (
    select
        c.number,
        c.model,
        g.interaction,
        p.points,
        c.is_disabled,
        max(case when g.group_number = '1' then 1 else 0 end) as has_first,
        max(case when g.group_number = '2' then 1 else 0 end) as has_second,
        concat_ws(
            ';',
            max(case when g.group_number = '1' then c.evidence end),
            max(case when g.group_number = '2' then c.evidence end)
        ) as evidence,
        bit_or(c.tag_bits) as tag_bits
    from conditions as c
    inner join knowledge.hcc_interaction_group as g on c.model = g.model and c.hcc = g.hcc
    inner join points as p
        on
            c.model = p.model
            and c.payment_year = p.payment_year
            and c.segment = p.segment
            and g.interaction = p.term
    group by c.number, c.model, g.interaction, p.points, c.is_disabled
),

interactions as (
    select t.number, t.model, t.interaction as hcc, i.label, t.points, t.evidence, t.tag_bits
    from touched as t
    inner join knowledge.hcc_interaction as i
        on
            t.model = i.model
            and t.interaction = i.interaction
            and t.has_first + t.has_second = cast(i.groups as integer)
    where i.needs_disability = '0' or t.is_disabled
),

counts as (
    select
        n.number,
        n.model,
        c.term as hcc,
        cast(n.conditions as varchar) || ' payment conditions together' as label,
        c.points,
        n.tag_bits
    from marts.hcc_condition_list as n
    inner join marts.hcc_person as p on n.number = p.number
    inner join points as c
        on
            n.model = c.model
            and p.payment_year = c.payment_year
            and p.segment = c.segment
            and c.term = case when n.conditions >= 10 then 'D10P' else 'D' || cast(n.conditions as varchar) end
    where c.points <> 0
),

parts as (
    select number, model, hcc, label, points, 'demographic' as kind, '' as evidence, 0 as tag_bits
    from demographic
    union all
    select number, model, hcc, label, points, 'hcc' as kind, evidence, tag_bits
    from conditions
    union all
    select number, model, hcc, label, points, 'interaction' as kind, evidence, tag_bits
    from interactions
    union all
    select number, model, hcc, label, points, 'count' as kind, '' as evidence, tag_bits
    from counts
)

select
    p.person_id,
    t.model,
    p.payment_year,
    t.number,
    t.hcc,
    t.label,
    t.points,
    t.kind,
    t.evidence,
    case
        when t.tag_bits = 0 then ''
        else
            concat_ws(
                ';',
                case when (t.tag_bits & 1) > 0 then 'behavioral' end,
                case when (t.tag_bits & 2) > 0 then 'hiv' end,
                case when (t.tag_bits & 4) > 0 then 'minor' end,
                case when (t.tag_bits & 8) > 0 then 'reproductive' end,
                case when (t.tag_bits & 16) > 0 then 'safety' end
            )
    end as tags
from parts as t
inner join marts.hcc_person as p on t.number = p.number
