-- The needs of transitional care: home from a hospital lately, and not in a hospital today.
--
-- grain: person_id, code
-- person_id      the person
-- code           the line
-- verdict        yes, no or unknown
-- text           the answer in words
-- chip           the answer in three words, for lists
-- tags           sensitivity tags of the facts read
-- evidence       landed rows
-- open_verdict   the same from unprotected facts only
-- open_text      …
-- open_chip      …
-- open_evidence  …

with setting as (
    select
        max(case when key = 'days' then cast(value as integer) end) as days,
        max(case when key = 'complete_at_least' then cast(value as integer) end) as complete_at_least
    from marts.criterion_setting
    where program = 'transitional_care'
),

-- The latest stay decides: once with all stays, once with the unprotected ones only.
seen as (
    select 'all' as seen, s.* from marts.score_stay as s
    union all
    select 'open', s.* from marts.score_stay as s where s.is_open
),

placed as (
    select
        s.*,
        row_number() over (
            partition by s.seen, s.person_id
            order by s.admitted_on desc, coalesce(s.discharged_on, date '9999-12-31') desc, s.stay_id
        ) as place
    from seen as s
    cross join knowledge.run as r
    where s.admitted_on <= r.as_of
),

latest as (
    select
        p.seen,
        p.person_id,
        p.tags,
        p.evidence,
        p.discharged_on,
        p.discharged_on is null or p.discharged_on > r.as_of as is_in,
        coalesce(date_diff('day', p.discharged_on, r.as_of), -1) as days_since,
        p.discharge_status in ('01', '06', '07', '21', '81', '86', '87') as is_community,
        p.discharge_status
    from placed as p
    cross join knowledge.run as r
    where p.place = 1
),

asked as (
    select
        p.person_id,
        x.seen,
        l.person_id is not null as has_stay,
        coalesce(l.is_in, false) as is_in,
        not coalesce(l.is_in, false)
        and coalesce(l.days_since, 9999) < s.days
        and coalesce(l.days_since, -1) >= 0 as is_lately,
        coalesce(l.is_community, false) as is_community,
        l.discharged_on,
        coalesce(l.discharge_status, '') as discharge_status,
        coalesce(l.tags, '') as tags,
        coalesce(l.evidence, '') as evidence,
        s.days,
        coalesce(k.recent_share, 0) * 100 >= s.complete_at_least and k.knows_hospital as is_known,
        case when k.because_hospital <> '' then k.because_hospital else 'claims for the last weeks are not complete' end as because
    from core.person as p
    cross join (select 'all' as seen union all select 'open') as x
    cross join setting as s
    inner join marts.criterion_known as k on p.person_id = k.person_id
    left join latest as l on p.person_id = l.person_id and x.seen = l.seen
),

answered as (
    select
        person_id,
        seen,
        'home_lately' as code,
        case
            when is_lately and is_community then 'yes'
            -- No bill says where they went: that is not a no.
            when is_lately and discharge_status in ('', '30') then 'unknown'
            when is_lately or is_in then 'no'
            when is_known then 'no'
            else 'unknown'
        end as verdict,
        case
            when is_lately and is_community then 'Home since ' || cast(discharged_on as varchar) || '.'
            when is_lately and discharge_status in ('', '30')
                then
                    'Left a hospital on ' || cast(discharged_on as varchar)
                    || '; no bill says where to. Unknown, not no.'
            when is_lately
                then
                    'Left a hospital on ' || cast(discharged_on as varchar) || ', not for home (patient status '
                    || discharge_status || ').'
            when is_in then 'Still in a hospital, as far as we know.'
            when is_known then 'No discharge in the last ' || cast(days as varchar) || ' days.'
            else
                'No discharge in the last ' || cast(days as varchar) || ' days on file. Unknown, not no: ' || because || '.'
        end as text,
        case when is_lately and is_community then 'Home ' || cast(discharged_on as varchar) else '' end as chip,
        case when is_lately or is_in then tags else '' end as tags,
        case when is_lately or is_in then evidence else '' end as evidence
    from asked
    union all
    select
        person_id,
        seen,
        'not_in_hospital',
        case when is_in then 'no' else 'yes' end,
        case
            when is_in then 'A stay has begun and no discharge from it is on file.'
            when has_stay then 'The latest stay on file has ended.'
            else 'No stay on file.'
        end,
        '',
        case when is_in then tags else '' end,
        case when is_in then evidence else '' end
    from asked
)

select
    a.person_id,
    a.code,
    a.verdict,
    a.text,
    a.chip,
    a.tags,
    a.evidence,
    o.verdict as open_verdict,
    o.text as open_text,
    o.chip as open_chip,
    o.evidence as open_evidence
from answered as a
inner join answered as o on a.person_id = o.person_id and a.code = o.code and o.seen = 'open'
where a.seen = 'all'
