-- The need of the social needs program: a recorded need. Nothing on file is unknown, never a no.
--
-- grain: person_id, code
-- person_id      the person
-- code           the line
-- verdict        yes or unknown
-- text           the answer in words
-- chip           the answer in three words, for lists
-- tags           sensitivity tags of the facts counted
-- evidence       landed rows
-- open_verdict   the same from unprotected facts only
-- open_text      …
-- open_chip      …
-- open_evidence  …

with setting as (
    select cast(max(value) as integer) as months
    from marts.criterion_setting
    where program = 'social_needs' and key = 'months'
),

recorded as (
    select
        n.person_id,
        n.domain,
        max(n."on") as latest_on,
        max(case when coalesce(n.tags, '') = '' then 1 else 0 end) as is_open,
        max(case when coalesce(n.tags, '') = '' then n."on" end) as open_latest_on
    from marts.social_need as n
    cross join knowledge.run as r
    cross join setting as s
    where
        n."on" <= r.as_of
        and n."on" > cast(r.as_of - s.months * interval '1' month as date)
        and instr(coalesce(n.tags, ''), 'part2') = 0
    group by n.person_id, n.domain
),

placed as (
    select
        *,
        row_number() over (partition by person_id order by latest_on desc, domain) as place,
        row_number() over (partition by person_id, is_open order by open_latest_on desc, domain) as open_place
    from recorded
),

named as (
    select
        person_id,
        count(*) as found,
        sum(is_open) as open_found,
        concat_ws(
            ', ',
            max(case when place = 1 then domain || ' (' || cast(latest_on as varchar) || ')' end),
            max(case when place = 2 then domain || ' (' || cast(latest_on as varchar) || ')' end),
            max(case when place = 3 then domain || ' (' || cast(latest_on as varchar) || ')' end)
        ) as names,
        concat_ws(
            ', ',
            max(case when is_open = 1 and open_place = 1 then domain || ' (' || cast(open_latest_on as varchar) || ')' end),
            max(case when is_open = 1 and open_place = 2 then domain || ' (' || cast(open_latest_on as varchar) || ')' end),
            max(case when is_open = 1 and open_place = 3 then domain || ' (' || cast(open_latest_on as varchar) || ')' end)
        ) as open_names,
        max(case when place = 1 then domain end) as chip,
        max(case when is_open = 1 and open_place = 1 then domain end) as open_chip
    from placed
    group by person_id
),

fact as (
    select
        n.person_id,
        concat_ws(
            ';',
            max(case when instr(coalesce(n.tags, ''), 'behavioral') > 0 then 'behavioral' end),
            max(case when instr(coalesce(n.tags, ''), 'hiv') > 0 then 'hiv' end),
            max(case when instr(coalesce(n.tags, ''), 'minor') > 0 then 'minor' end),
            max(case when instr(coalesce(n.tags, ''), 'reproductive') > 0 then 'reproductive' end),
            max(case when instr(coalesce(n.tags, ''), 'safety') > 0 then 'safety' end)
        ) as tags,
        array_to_string(list_sort(array_agg(distinct n.evidence)), ';') as evidence,
        coalesce(
            array_to_string(
                list_sort(array_agg(distinct n.evidence) filter (where coalesce(n.tags, '') = '')), ';'
            ),
            ''
        ) as open_evidence
    from marts.social_need as n
    cross join knowledge.run as r
    cross join setting as s
    where
        n."on" <= r.as_of
        and n."on" > cast(r.as_of - s.months * interval '1' month as date)
        and instr(coalesce(n.tags, ''), 'part2') = 0
    group by n.person_id
)

select
    p.person_id,
    'social_need' as code,
    case when n.found > 0 then 'yes' else 'unknown' end as verdict,
    case
        when n.found > 0
            then 'On file: ' || n.names || case when n.found > 3 then ' and more' else '' end || '.'
        else
            'No screen and no Z code in ' || cast(s.months as varchar)
            || ' months. Unknown is not no: ask at the first call.'
    end as text,
    coalesce(n.chip, '') as chip,
    coalesce(f.tags, '') as tags,
    coalesce(f.evidence, '') as evidence,
    case when n.open_found > 0 then 'yes' else 'unknown' end as open_verdict,
    case
        when n.open_found > 0
            then 'On file: ' || n.open_names || case when n.open_found > 3 then ' and more' else '' end || '.'
        else
            'No screen and no Z code in ' || cast(s.months as varchar)
            || ' months. Unknown is not no: ask at the first call.'
    end as open_text,
    coalesce(n.open_chip, '') as open_chip,
    coalesce(f.open_evidence, '') as open_evidence
from core.person as p
cross join setting as s
left join named as n on p.person_id = n.person_id
left join fact as f on p.person_id = f.person_id
