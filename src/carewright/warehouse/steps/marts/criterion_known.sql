-- How much we know of each person: covered months that claims tell of, and whether a feed of theirs went quiet.
--
-- A covered month is known when a feed tells of it: one that sent the person's claims of the time they were covered so
-- (enrolled by the same source with the same payer), or, where they have none of that time, one that sent claims of
-- others covered so. Whoever moved to a payer of whom no claims come is not judged by the claims of the payer before.
-- A feed tells of the months from its first claim to its latest; one whose visits mostly come without a diagnosis tells
-- of no condition, and one without a hospital's claim tells of no stay and no emergency visit.
--
-- grain: person_id
-- person_id          the person
-- months_known       covered months of the last 12 that a feed tells of
-- quiet_feed         a claims feed of theirs that went quiet, if any
-- is_known           whether finding nothing may count as a no
-- because            when it may not: the reason, in words
-- recent_share       the lowest completeness of their feeds in the last two months, 0 to 1; empty when nothing is expected
-- knows_conditions   whether finding no condition may count as a no
-- because_conditions when it may not: the reason, in words
-- knows_hospital     whether finding no stay and no emergency visit may count as a no
-- because_hospital   when it may not: the reason, in words

with feed as (
    select distinct person_id, source as feed
    from core.claim
),

with_claims as (
    select distinct person_id from feed
),

enrolled as (
    select distinct person_id, source, coalesce(payer, '') as payer, starts_on, ends_on from input.eligibility
),

own_feed as (
    select distinct e.person_id, e.source, e.payer, c.source as feed
    from core.claim as c
    inner join enrolled as e on c.person_id = e.person_id and c.starts_on >= e.starts_on and c.starts_on <= e.ends_on
),

payer_feed as (
    select distinct source, payer, feed from own_feed
),

told_of as (
    select person_id, source, payer, feed from own_feed
    union all
    select e.person_id, e.source, e.payer, w.feed
    from (select distinct person_id, source, payer from enrolled) as e
    inner join payer_feed as w on e.source = w.source and e.payer = w.payer
    left join own_feed as o on e.person_id = o.person_id and e.source = o.source and e.payer = o.payer
    where o.person_id is null
),

covered_month as (
    select distinct
        e.person_id,
        e.source,
        e.payer,
        m.month,
        cast(extract(year from m.month) * 12 + extract(month from m.month) as integer) as month_number
    from enrolled as e
    inner join core.month as m on e.starts_on <= m.ends_on and e.ends_on >= m.month
    where m.months_ago < 12
),

heard as (
    select
        m.feed,
        min(extract(year from m.month) * 12 + extract(month from m.month)) as first_month,
        max(extract(year from m.month) * 12 + extract(month from m.month)) as latest_month
    from marts.freshness as m
    where m."rows" > 0
    group by m.feed
),

coded as (
    select
        c.source as feed,
        sum(case when c.principal_diagnosis is not null then 1 else 0 end) * 2 >= count(*) as has_diagnoses,
        max(case when c.claim_type = 'institutional' then 1 else 0 end) = 1 as has_hospitals
    from core.claim as c
    cross join knowledge.run as r
    where c.claim_type in ('institutional', 'professional') and c.starts_on > cast(r.as_of - interval '12' month as date)
    group by c.source
),

told as (
    select
        h.feed,
        h.first_month,
        h.latest_month,
        coalesce(d.has_diagnoses, false) as has_diagnoses,
        coalesce(d.has_hospitals, false) as has_hospitals
    from heard as h
    left join coded as d on h.feed = d.feed
),

told_month as (
    select
        v.person_id,
        v.month,
        max(case when t.has_diagnoses then 1 else 0 end) as has_diagnoses,
        max(case when t.has_hospitals then 1 else 0 end) as has_hospitals
    from covered_month as v
    inner join told_of as o on v.person_id = o.person_id and v.source = o.source and v.payer = o.payer
    inner join told as t on o.feed = t.feed and v.month_number >= t.first_month and v.month_number <= t.latest_month
    group by v.person_id, v.month
),

told_for as (
    select
        person_id,
        count(*) as months,
        sum(has_diagnoses) as months_of_diagnoses,
        sum(has_hospitals) as months_of_hospitals
    from told_month
    group by person_id
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
        cast(coalesce(t.months, 0) as integer) as months_known,
        coalesce(u.months_enrolled_12, 0) as months_covered,
        coalesce(t.months_of_diagnoses, 0) >= s.months_known as has_diagnoses,
        coalesce(t.months_of_hospitals, 0) >= s.months_known as has_hospitals,
        -- Someone without a claim may be healthy, or their feed may be the one that went quiet.
        case when c.person_id is null then qa.quiet_feed else q.quiet_feed end as quiet_feed,
        case when c.person_id is null then ra.share else rf.share end as recent_share,
        s.months_known as months_needed
    from core.person as p
    left join marts.utilization as u on p.person_id = u.person_id
    left join with_claims as c on p.person_id = c.person_id
    left join told_for as t on p.person_id = t.person_id
    left join quiet_for as q on p.person_id = q.person_id
    left join recent_for as rf on p.person_id = rf.person_id
    cross join quiet_for_all as qa
    cross join recent_for_all as ra
    cross join setting as s
),

judged as (
    select
        *,
        months_known >= months_needed and quiet_feed is null as is_known,
        case
            when months_known = 0 and months_covered >= months_needed
                then 'no claims of the last 12 months have come for people covered as they are'
            when months_known < months_needed
                then 'only ' || cast(months_known as varchar) || ' of the last 12 months are on file'
            when quiet_feed is not null then 'the claims feed ' || quiet_feed || ' went quiet'
            else ''
        end as because
    from joined
)

select
    person_id,
    months_known,
    quiet_feed,
    is_known,
    because,
    recent_share,
    is_known and has_diagnoses as knows_conditions,
    case when is_known and not has_diagnoses then 'the claims on file come without diagnoses' else because end
        as because_conditions,
    is_known and has_hospitals as knows_hospital,
    case when is_known and not has_hospitals then 'no claims of hospitals have come' else because end as because_hospital
from judged
