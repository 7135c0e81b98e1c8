-- Today's score of everyone, its band and its place among all; ties are broken openly.
--
-- `open_…` is the same made from unprotected facts only: the order, places and bands for roles to whom some facts are
-- closed, so that nobody's place tells them of a fact they may not see.
--
-- grain: person_id
-- person_id  the person
-- score      the sum of the parts, 0 to 100
-- band       high, rising or steady
-- rank       place among everyone, 1 first
-- tie_break  what decided among equal scores: stays and ED visits in 6 months, age
-- recent     unplanned stays and ED visits in the last 6 months
-- before     the same in the 6 months before
-- open_score      the sum of the parts that unprotected facts give
-- open_band       the band of that sum
-- open_rank       place among everyone by it
-- open_tie_break  what decided among equal sums, from unprotected stays and visits

with today as (
    select * from marts.score_date where is_today
),

summed as (
    select
        person_id,
        sum(points) as score,
        sum(case when tags = '' then points else 0 end) as open_score
    from marts.score_part
    group by person_id
),

stay as (
    select
        s.person_id,
        sum(case when s.admitted_on > d.from_6 then 1 else 0 end) as recent,
        sum(case when s.admitted_on <= d.from_6 then 1 else 0 end) as before,
        sum(case when s.admitted_on > d.from_6 and s.is_open then 1 else 0 end) as open_recent,
        sum(case when s.admitted_on <= d.from_6 and s.is_open then 1 else 0 end) as open_before
    from marts.score_stay as s
    inner join today as d on s.admitted_on > d.from_12 and s.admitted_on <= d.scored_on
    where s.is_unplanned
    group by s.person_id
),

visit as (
    select
        v.person_id,
        sum(case when v.visited_on > d.from_6 then 1 else 0 end) as recent,
        sum(case when v.visited_on <= d.from_6 then 1 else 0 end) as before,
        sum(case when v.visited_on > d.from_6 and v.is_open then 1 else 0 end) as open_recent,
        sum(case when v.visited_on <= d.from_6 and v.is_open then 1 else 0 end) as open_before
    from marts.score_ed_visit as v
    inner join today as d on v.visited_on > d.from_12 and v.visited_on <= d.scored_on
    group by v.person_id
),

setting as (
    select
        max(case when key = 'high_at_least' then cast(value as integer) end) as high_at_least,
        max(case when key = 'rising_at_least' then cast(value as integer) end) as rising_at_least,
        max(case when key = 'rising_events' then cast(value as integer) end) as rising_events
    from marts.criterion_setting
    where program = 'ranking'
),

joined as (
    select
        p.person_id,
        cast(coalesce(s.score, 0) as integer) as score,
        coalesce(i.recent, 0) as recent_stays,
        coalesce(v.recent, 0) as recent_visits,
        coalesce(i.recent, 0) + coalesce(v.recent, 0) as recent,
        coalesce(i.before, 0) + coalesce(v.before, 0) as before,
        cast(coalesce(s.open_score, 0) as integer) as open_score,
        coalesce(i.open_recent, 0) as open_recent_stays,
        coalesce(v.open_recent, 0) as open_recent_visits,
        coalesce(i.open_recent, 0) + coalesce(v.open_recent, 0) as open_recent,
        coalesce(i.open_before, 0) + coalesce(v.open_before, 0) as open_before,
        p.age
    from core.person as p
    left join summed as s on p.person_id = s.person_id
    left join stay as i on p.person_id = i.person_id
    left join visit as v on p.person_id = v.person_id
)

select
    j.person_id,
    j.score,
    case
        when j.score >= t.high_at_least then 'high'
        when j.score >= t.rising_at_least or (j.recent >= t.rising_events and j.recent > j.before) then 'rising'
        else 'steady'
    end as band,
    cast(row_number() over (
        order by j.score desc, j.recent_stays desc, j.recent_visits desc, coalesce(j.age, -1) desc, j.person_id
    ) as integer) as rank,
    cast(j.recent_stays as varchar) || case when j.recent_stays = 1 then ' stay, ' else ' stays, ' end
    || cast(j.recent_visits as varchar) || case when j.recent_visits = 1 then ' ED visit' else ' ED visits' end
    || ' in 6 months, age '
    || coalesce(cast(j.age as varchar), 'unknown') as tie_break,
    cast(j.recent as integer) as recent,
    cast(j.before as integer) as before,
    j.open_score,
    case
        when j.open_score >= t.high_at_least then 'high'
        when
            j.open_score >= t.rising_at_least
            or (j.open_recent >= t.rising_events and j.open_recent > j.open_before)
            then 'rising'
        else 'steady'
    end as open_band,
    cast(row_number() over (
        order by
            j.open_score desc, j.open_recent_stays desc, j.open_recent_visits desc, coalesce(j.age, -1) desc, j.person_id
    ) as integer) as open_rank,
    cast(j.open_recent_stays as varchar) || case when j.open_recent_stays = 1 then ' stay, ' else ' stays, ' end
    || cast(j.open_recent_visits as varchar)
    || case when j.open_recent_visits = 1 then ' ED visit' else ' ED visits' end
    || ' in 6 months, age '
    || coalesce(cast(j.age as varchar), 'unknown') as open_tie_break
from joined as j
cross join setting as t
