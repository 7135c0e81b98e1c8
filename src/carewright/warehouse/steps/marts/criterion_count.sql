-- Lines that count something and compare it with a number a site may set; once with all facts, once without protected ones.
-- One short of the number while the last two months are less than nine tenths complete is unknown, not no.
--
-- grain: person_id, program, code
-- person_id      the person
-- program        the program
-- code           the line
-- verdict        yes, no or unknown
-- text           the answer in words
-- chip           the answer in three words, for lists
-- tags           sensitivity tags of the facts counted
-- evidence       landed rows
-- open_verdict   the same from unprotected facts only
-- open_text      …
-- open_chip      …
-- open_evidence  …

with today as (
    select p.*
    from marts.score_value as p
    inner join marts.score_date as d on p.scored_on = d.scored_on and d.is_today
),

asked as (
    select 'complex_care' as program, 'unplanned_stays' as code, 'unplanned_stays' as part, 'stays_at_least' as key,
        'unplanned hospital stay' as one, 'unplanned hospital stays' as many, ' in 12 months' as time,
        'hospital stay' as chip_one, 'hospital stays' as chip_many
    union all
    select 'complex_care', 'ed_visits', 'ed_visits', 'ed_visits_at_least',
        'ED visit that did not end in a stay', 'ED visits that did not end in a stay', ' in 12 months',
        'ED visit', 'ED visits'
),

counted as (
    select
        p.person_id,
        a.*,
        cast(s.value as integer) as needed,
        coalesce(t.value, 0) as value,
        coalesce(t.open_value, 0) as open_value,
        k.knows_hospital as is_known,
        k.because_hospital as because,
        coalesce(k.recent_share, 0) as recent_share,
        coalesce(f.tags, '') as tags,
        coalesce(f.evidence, '') as evidence,
        coalesce(f.open_evidence, '') as open_evidence
    from core.person as p
    cross join asked as a
    inner join marts.criterion_setting as s on a.program = s.program and a.key = s.key
    inner join marts.criterion_known as k on p.person_id = k.person_id
    left join today as t on p.person_id = t.person_id and a.part = t.part
    left join marts.score_fact as f on p.person_id = f.person_id and a.part = f.part
),

weighed as (
    select
        *,
        is_known and recent_share < 0.9 and value = needed - 1 as is_close,
        is_known and recent_share < 0.9 and open_value = needed - 1 as is_open_close,
        '. Unknown, not no: one more would do, and only ' || cast(cast(floor(recent_share * 100) as integer) as varchar)
        || ' % of the last two months has come' as partial
    from counted
)

select
    person_id,
    program,
    code,
    case when value >= needed then 'yes' when is_known and not is_close then 'no' else 'unknown' end as verdict,
    cast(value as varchar) || ' ' || case when value = 1 then one else many end || time || '. ' || cast(needed as varchar)
    || ' or more count'
    || case when value < needed and not is_known then '. Unknown, not no: ' || because when is_close then partial else '' end
    || '.' as text,
    case when value > 0 then cast(value as varchar) || ' ' || case when value = 1 then chip_one else chip_many end else '' end
        as chip,
    tags,
    evidence,
    case when open_value >= needed then 'yes' when is_known and not is_open_close then 'no' else 'unknown' end as open_verdict,
    cast(open_value as varchar) || ' ' || case when open_value = 1 then one else many end || time || '. '
    || cast(needed as varchar) || ' or more count'
    || case
        when open_value < needed and not is_known then '. Unknown, not no: ' || because
        when is_open_close then partial
        else ''
    end
    || '.' as open_text,
    case
        when open_value > 0
            then cast(open_value as varchar) || ' ' || case when open_value = 1 then chip_one else chip_many end
        else ''
    end as open_chip,
    open_evidence
from weighed
