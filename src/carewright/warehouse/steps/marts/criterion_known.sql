-- How much we know of each person: covered months on file, and whether a feed that tells of them went quiet.
--
-- grain: person_id
-- person_id      the person
-- months_known   covered months of the last 12
-- quiet_feed     a claims feed of theirs that went quiet, if any
-- is_known       whether finding nothing may count as a no
-- because        when it may not: the reason, in words
-- recent_share   the lowest completeness of their feeds in the last two months, 0 to 1; empty when nothing is expected

with feed as (
    select distinct person_id, source as feed
    from core.claim
),

quiet as (
    select feed from marts.freshness_summary where is_quiet
),

quiet_for as (
    select f.person_id, min(q.feed) as quiet_feed
    from feed as f
    inner join quiet as q on f.feed = q.feed
    group by f.person_id
),

quiet_for_all as (
    select min(feed) as quiet_feed from quiet
),

recent as (
    select m.feed, min(coalesce(m.completeness, 0)) as share
    from marts.freshness as m
    cross join knowledge.run as r
    where m.month >= cast(date_trunc('month', cast(r.as_of - interval '1' month as date)) as date)
    group by m.feed
),

recent_for as (
    select f.person_id, min(coalesce(r.share, 0)) as share
    from feed as f
    left join recent as r on f.feed = r.feed
    group by f.person_id
),

recent_for_all as (
    select min(share) as share from recent
),

setting as (
    select cast(max(value) as integer) as months_known
    from marts.criterion_setting
    where program = 'every_program' and key = 'months_known'
),

joined as (
    select
        p.person_id,
        cast(coalesce(u.months_enrolled_12, 0) as integer) as months_known,
        -- Someone without a claim may be healthy, or their feed may be the one that went quiet.
        case when c.person_id is null then qa.quiet_feed else q.quiet_feed end as quiet_feed,
        case when c.person_id is null then ra.share else rf.share end as recent_share,
        s.months_known as months_needed
    from core.person as p
    left join marts.utilization as u on p.person_id = u.person_id
    left join (select distinct person_id from feed) as c on p.person_id = c.person_id
    left join quiet_for as q on p.person_id = q.person_id
    left join recent_for as rf on p.person_id = rf.person_id
    cross join quiet_for_all as qa
    cross join recent_for_all as ra
    cross join setting as s
)

select
    person_id,
    months_known,
    quiet_feed,
    months_known >= months_needed and quiet_feed is null as is_known,
    case
        when months_known < months_needed
            then 'only ' || cast(months_known as varchar) || ' of the last 12 months are on file'
        when quiet_feed is not null then 'the claims feed ' || quiet_feed || ' went quiet'
        else ''
    end as because,
    recent_share
from joined
