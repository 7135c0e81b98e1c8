-- The two needs of chronic care: several lasting conditions, and significant risk.
--
-- Conditions count as claims show them. Those that only records name count for nobody, but with them a no is unknown.
--
-- grain: person_id, code
-- person_id      the person
-- code           the line
-- verdict        yes, no or unknown; significant risk is never a no
-- text           the answer in words
-- chip           the answer in three words, for lists
-- tags           sensitivity tags of the facts counted
-- evidence       landed rows
-- open_verdict   the same from unprotected facts only
-- open_text      …
-- open_chip      …
-- open_evidence  …

with today as (
    select scored_on from marts.score_date where is_today
),

held as (
    select
        c.person_id,
        c.condition,
        r.label,
        c.is_open,
        l.decompensates = '1' as decompensates,
        row_number() over (partition by c.person_id order by l.decompensates desc, r.label) as place,
        row_number() over (partition by c.person_id, c.is_open order by l.decompensates desc, r.label) as open_place
    from marts.score_condition as c
    inner join today as d on c.scored_on = d.scored_on
    inner join knowledge.lasting_condition as l on c.condition = l.condition and l.lasts = '1'
    inner join knowledge.ccw30_rule as r on c.condition = r.condition
),

named as (
    select
        person_id,
        count(*) as found,
        sum(case when is_open then 1 else 0 end) as open_found,
        sum(case when decompensates then 1 else 0 end) as risky,
        sum(case when decompensates and is_open then 1 else 0 end) as open_risky,
        concat_ws(
            ', ',
            max(case when place = 1 then label end),
            max(case when place = 2 then label end),
            max(case when place = 3 then label end),
            max(case when place = 4 then label end),
            max(case when place = 5 then label end)
        ) as names,
        concat_ws(
            ', ',
            max(case when is_open and open_place = 1 then label end),
            max(case when is_open and open_place = 2 then label end),
            max(case when is_open and open_place = 3 then label end),
            max(case when is_open and open_place = 4 then label end),
            max(case when is_open and open_place = 5 then label end)
        ) as open_names
    from held
    group by person_id
),

-- What records name and claims do not show, in both readings.
on_record as (
    select
        c.person_id,
        c.label,
        c.tags,
        c.evidence,
        c.open_evidence,
        h.condition is null as is_more,
        c.is_open and not coalesce(h.is_open, false) as is_open_more
    from marts.condition_on_record as c
    left join held as h on c.person_id = h.person_id and c.condition = h.condition
),

placed_record as (
    select
        *,
        row_number() over (partition by person_id, is_more order by label) as place,
        row_number() over (partition by person_id, is_open_more order by label) as open_place
    from on_record
),

recorded as (
    select
        person_id,
        sum(case when is_more then 1 else 0 end) as more,
        sum(case when is_open_more then 1 else 0 end) as open_more,
        concat_ws(
            ', ',
            max(case when is_more and place = 1 then label end),
            max(case when is_more and place = 2 then label end),
            max(case when is_more and place = 3 then label end),
            max(case when is_more and place = 4 then label end),
            max(case when is_more and place = 5 then label end)
        ) as more_names,
        concat_ws(
            ', ',
            max(case when is_open_more and open_place = 1 then label end),
            max(case when is_open_more and open_place = 2 then label end),
            max(case when is_open_more and open_place = 3 then label end),
            max(case when is_open_more and open_place = 4 then label end),
            max(case when is_open_more and open_place = 5 then label end)
        ) as open_more_names,
        coalesce(string_agg(case when is_more then nullif(tags, '') end, ';' order by tags), '') as more_tags,
        array_to_string(list_sort(array_agg(distinct evidence) filter (where is_more)), ';') as more_evidence,
        array_to_string(list_sort(array_agg(distinct open_evidence) filter (where is_open_more)), ';')
            as open_more_evidence
    from placed_record
    group by person_id
),

count_of as (
    select
        v.person_id,
        max(case when v.part = 'unplanned_stays' then v.value else 0 end) as stays,
        max(case when v.part = 'unplanned_stays' then v.open_value else 0 end) as open_stays,
        max(case when v.part = 'ed_visits' then v.value else 0 end) as visits,
        max(case when v.part = 'ed_visits' then v.open_value else 0 end) as open_visits
    from marts.score_value as v
    inner join today as d on v.scored_on = d.scored_on
    where v.part in ('unplanned_stays', 'ed_visits')
    group by v.person_id
),

setting as (
    select
        max(case when key = 'conditions_at_least' then cast(value as integer) end) as conditions_at_least,
        max(case when key = 'risk_stays_at_least' then cast(value as integer) end) as risk_stays_at_least,
        max(case when key = 'risk_ed_visits_at_least' then cast(value as integer) end) as risk_ed_visits_at_least,
        max(case when key = 'risk_conditions_at_least' then cast(value as integer) end) as risk_conditions_at_least
    from marts.criterion_setting
    where program = 'chronic_care'
),

behind_risk as (
    select
        person_id,
        concat_ws(
            ';',
            max(case when instr(tags, 'behavioral') > 0 then 'behavioral' end),
            max(case when instr(tags, 'hiv') > 0 then 'hiv' end),
            max(case when instr(tags, 'minor') > 0 then 'minor' end),
            max(case when instr(tags, 'reproductive') > 0 then 'reproductive' end),
            max(case when instr(tags, 'safety') > 0 then 'safety' end)
        ) as tags,
        concat_ws(
            ';',
            max(case when part = 'unplanned_stays' then evidence end),
            max(case when part = 'ed_visits' then evidence end)
        ) as evidence,
        concat_ws(
            ';',
            max(case when part = 'unplanned_stays' then nullif(open_evidence, '') end),
            max(case when part = 'ed_visits' then nullif(open_evidence, '') end)
        ) as open_evidence
    from marts.score_fact
    where part in ('unplanned_stays', 'ed_visits')
    group by person_id
),

joined as (
    select
        p.person_id,
        coalesce(n.found, 0) as found,
        coalesce(n.open_found, 0) as open_found,
        coalesce(n.risky, 0) as risky,
        coalesce(n.open_risky, 0) as open_risky,
        coalesce(n.names, '') as names,
        coalesce(n.open_names, '') as open_names,
        coalesce(o.more, 0) as more,
        coalesce(o.open_more, 0) as open_more,
        coalesce(o.more_names, '') as more_names,
        coalesce(o.open_more_names, '') as open_more_names,
        coalesce(o.more_tags, '') as more_tags,
        coalesce(o.more_evidence, '') as more_evidence,
        coalesce(o.open_more_evidence, '') as open_more_evidence,
        coalesce(c.stays, 0) as stays,
        coalesce(c.open_stays, 0) as open_stays,
        coalesce(c.visits, 0) as visits,
        coalesce(c.open_visits, 0) as open_visits,
        k.knows_conditions as is_known,
        k.because_conditions as because,
        coalesce(f.tags, '') as tags,
        coalesce(f.evidence, '') as evidence,
        coalesce(f.open_evidence, '') as open_evidence,
        coalesce(b.tags, '') as risk_tags,
        coalesce(b.evidence, '') as risk_evidence,
        coalesce(b.open_evidence, '') as risk_open_evidence,
        s.*
    from core.person as p
    cross join setting as s
    inner join marts.criterion_known as k on p.person_id = k.person_id
    left join named as n on p.person_id = n.person_id
    left join recorded as o on p.person_id = o.person_id
    left join count_of as c on p.person_id = c.person_id
    left join marts.score_fact as f on p.person_id = f.person_id and f.part = 'lasting_conditions'
    left join behind_risk as b on p.person_id = b.person_id
),

judged as (
    select
        *,
        stays >= risk_stays_at_least
        or visits >= risk_ed_visits_at_least
        or risky >= risk_conditions_at_least as at_risk,
        open_stays >= risk_stays_at_least
        or open_visits >= risk_ed_visits_at_least
        or open_risky >= risk_conditions_at_least as open_at_risk,
        found < conditions_at_least and more > 0 as tells_more,
        open_found < conditions_at_least and open_more > 0 as open_tells_more,
        'Records name ' || cast(more as varchar) || ' that the claims do not show: ' || more_names
        || case when more > 5 then ' and ' || cast(more - 5 as varchar) || ' more' else '' end as more_words,
        'Records name ' || cast(open_more as varchar) || ' that the claims do not show: ' || open_more_names
        || case when open_more > 5 then ' and ' || cast(open_more - 5 as varchar) || ' more' else '' end as open_more_words
    from joined
),

answered as (
    select
        *,
        found < conditions_at_least and found + more >= conditions_at_least as may_be,
        open_found < conditions_at_least and open_found + open_more >= conditions_at_least as open_may_be
    from judged
)

select
    person_id,
    'lasting_conditions' as code,
    case when found >= conditions_at_least then 'yes' when is_known and not may_be then 'no' else 'unknown' end as verdict,
    case
        when found = 0 and tells_more then 'None found in claims'
        when found = 0 then 'None found'
        else
            cast(found as varchar) || ' found' || case when tells_more then ' in claims' else '' end || ': ' || names
            || case when found > 5 then ' and ' || cast(found - 5 as varchar) || ' more' else '' end
    end
    || '. ' || cast(conditions_at_least as varchar) || ' or more count.'
    || case when found < conditions_at_least and not is_known then ' Unknown, not no: ' || because || '.' else '' end
    || case when tells_more then ' ' || more_words || '.' else '' end
    || case
        when may_be and is_known then ' Unknown, not no: a clinician can confirm them.'
        when may_be then ' A clinician can confirm them.'
        else ''
    end as text,
    case when found > 0 then cast(found as varchar) || case when found = 1 then ' condition' else ' conditions' end else '' end
        as chip,
    case
        when not tells_more or more_tags = '' then tags
        else
            concat_ws(
                ';',
                case when instr(tags || more_tags, 'behavioral') > 0 then 'behavioral' end,
                case when instr(tags || more_tags, 'hiv') > 0 then 'hiv' end,
                case when instr(tags || more_tags, 'minor') > 0 then 'minor' end,
                case when instr(tags || more_tags, 'reproductive') > 0 then 'reproductive' end,
                case when instr(tags || more_tags, 'safety') > 0 then 'safety' end
            )
    end as tags,
    case when tells_more then concat_ws(';', nullif(evidence, ''), more_evidence) else evidence end as evidence,
    case when open_found >= conditions_at_least then 'yes' when is_known and not open_may_be then 'no' else 'unknown' end
        as open_verdict,
    case
        when open_found = 0 and open_tells_more then 'None found in claims'
        when open_found = 0 then 'None found'
        else
            cast(open_found as varchar) || ' found' || case when open_tells_more then ' in claims' else '' end || ': '
            || open_names || case when open_found > 5 then ' and ' || cast(open_found - 5 as varchar) || ' more' else '' end
    end
    || '. ' || cast(conditions_at_least as varchar) || ' or more count.'
    || case when open_found < conditions_at_least and not is_known then ' Unknown, not no: ' || because || '.' else '' end
    || case when open_tells_more then ' ' || open_more_words || '.' else '' end
    || case
        when open_may_be and is_known then ' Unknown, not no: a clinician can confirm them.'
        when open_may_be then ' A clinician can confirm them.'
        else ''
    end as open_text,
    case
        when open_found > 0
            then cast(open_found as varchar) || case when open_found = 1 then ' condition' else ' conditions' end
        else ''
    end as open_chip,
    case when open_tells_more then concat_ws(';', nullif(open_evidence, ''), open_more_evidence) else open_evidence end
        as open_evidence
from answered
union all
select
    person_id,
    'significant_risk',
    case when at_risk then 'yes' else 'unknown' end,
    case
        when at_risk
            then
                'Shown by ' || concat_ws(
                    ', ',
                    case
                        when stays >= risk_stays_at_least
                            then cast(stays as varchar) || ' unplanned hospital stay' || case when stays = 1 then '' else 's' end
                    end,
                    case
                        when visits >= risk_ed_visits_at_least
                            then cast(visits as varchar) || ' ED visit' || case when visits = 1 then '' else 's' end
                    end,
                    case
                        when risky >= risk_conditions_at_least
                            then
                                cast(risky as varchar) || ' condition' || case when risky = 1 then '' else 's' end
                                || ' that can decompensate'
                    end
                ) || ' in the time looked at.'
        else 'Nothing on file shows it. Unknown, not no: a clinician has to say.'
    end,
    '',
    concat_ws(
        ';',
        case when instr(risk_tags || tags, 'behavioral') > 0 then 'behavioral' end,
        case when instr(risk_tags || tags, 'hiv') > 0 then 'hiv' end,
        case when instr(risk_tags || tags, 'minor') > 0 then 'minor' end,
        case when instr(risk_tags || tags, 'reproductive') > 0 then 'reproductive' end,
        case when instr(risk_tags || tags, 'safety') > 0 then 'safety' end
    ),
    case
        when not at_risk then ''
        else
            concat_ws(
                ';', nullif(risk_evidence, ''),
                case when risky >= risk_conditions_at_least then nullif(evidence, '') end
            )
    end,
    case when open_at_risk then 'yes' else 'unknown' end,
    case
        when open_at_risk
            then
                'Shown by ' || concat_ws(
                    ', ',
                    case
                        when open_stays >= risk_stays_at_least
                            then
                                cast(open_stays as varchar) || ' unplanned hospital stay'
                                || case when open_stays = 1 then '' else 's' end
                    end,
                    case
                        when open_visits >= risk_ed_visits_at_least
                            then cast(open_visits as varchar) || ' ED visit' || case when open_visits = 1 then '' else 's' end
                    end,
                    case
                        when open_risky >= risk_conditions_at_least
                            then
                                cast(open_risky as varchar) || ' condition' || case when open_risky = 1 then '' else 's' end
                                || ' that can decompensate'
                    end
                ) || ' in the time looked at.'
        else 'Nothing on file shows it. Unknown, not no: a clinician has to say.'
    end,
    '',
    case
        when not open_at_risk then ''
        else
            concat_ws(
                ';', nullif(risk_open_evidence, ''),
                case when open_risky >= risk_conditions_at_least then nullif(open_evidence, '') end
            )
    end
from judged
