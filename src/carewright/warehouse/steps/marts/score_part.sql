-- The parts of today's score; they add up to it exactly. Points from protected facts are a line of their own.
--
-- grain: person_id, code
-- person_id  the person
-- position   place on the page
-- code       the part; `<part>_protected` for what protected facts add to it
-- label      the part in words
-- points     whole points
-- value      what was counted
-- tags       sensitivity tags; empty when nothing is protected
-- evidence   landed rows
-- all_label     the part in words with protected facts counted, for readers who see all; empty when it is the same
-- all_evidence  landed rows with protected ones; empty when they are the same

with today as (
    select p.*
    from marts.score_point as p
    inner join marts.score_date as d on p.scored_on = d.scored_on and d.is_today
),

line as (
    select
        t.person_id,
        t.part,
        t.part as code,
        cast(r.position as integer) * 2 as position,
        replace(case when t.open_value = 1 then r.one else r.many end, '{n}', cast(t.open_value as varchar)) as label,
        t.open_points as points,
        t.open_value as value,
        '' as tags,
        f.open_evidence as evidence,
        case
            when t.value <> t.open_value
                then replace(case when t.value = 1 then r.one else r.many end, '{n}', cast(t.value as varchar))
        end as all_label,
        case when f.evidence <> f.open_evidence then f.evidence end as all_evidence
    from today as t
    inner join knowledge.ranking_part as r on t.part = r.part
    left join marts.score_fact as f on t.person_id = f.person_id and t.part = f.part
    where t.open_points > 0
    union all
    select
        t.person_id,
        t.part,
        t.part || '_protected',
        cast(r.position as integer) * 2 + 1,
        replace(case when t.value = 1 then r.one else r.many end, '{n}', cast(t.value as varchar))
        || ' with protected facts counted',
        t.points - t.open_points,
        t.value,
        coalesce(f.tags, ''),
        f.evidence,
        replace(case when t.value = 1 then r.one else r.many end, '{n}', cast(t.value as varchar)),
        f.evidence
    from today as t
    inner join knowledge.ranking_part as r on t.part = r.part
    left join marts.score_fact as f on t.person_id = f.person_id and t.part = f.part
    where t.points > t.open_points
)

select
    person_id,
    position,
    code,
    label,
    points,
    value,
    -- A protected line whose tags nobody named is closed to everyone who sees less than all.
    case when code <> part and tags = '' then 'behavioral;hiv;minor;reproductive;safety' else tags end as tags,
    coalesce(evidence, '') as evidence,
    coalesce(all_label, '') as all_label,
    coalesce(all_evidence, '') as all_evidence
from line
