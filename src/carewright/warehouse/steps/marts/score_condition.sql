-- CMS Chronic Conditions Warehouse conditions as they stood on each scored day, by the Warehouse's claim rules.
--
-- Read again here, because the score of an earlier day may use only claims paid by then. Diagnoses under 42 CFR Part 2
-- do not count.
--
-- grain: scored_on, person_id, condition
-- scored_on  the day
-- person_id  the person
-- condition  the condition
-- is_open    whether unprotected diagnoses alone would show it

with coded as (
    select
        d.person_id,
        k.condition,
        d.claim_key,
        max(case when instr(';' || r.one_group || ';', ';' || d.claim_kind || ';') > 0 then 1 else 0 end) as in_one,
        max(
            case when instr(';' || coalesce(r.two_group, '') || ';', ';' || d.claim_kind || ';') > 0 then 1 else 0 end
        ) as in_two,
        max(case when coalesce(d.tags, '') = '' then 1 else 0 end) as is_open,
        min(d."on") as happened_on
    from core.diagnosis as d
    inner join knowledge.ccw30_code as k on d.code = k.code
    inner join knowledge.ccw30_rule as r on k.condition = r.condition
    where
        d.claim_kind <> 'CLINICAL'
        and d.position <= cast(k.within_position as integer)
        and instr(coalesce(d.tags, ''), 'part2') = 0
    group by d.person_id, k.condition, d.claim_key
),

ruled_out as (
    select distinct
        d.claim_key,
        x.condition
    from core.diagnosis as d
    inner join knowledge.ccw30_exclusion as x on d.code = x.code
    where d.position <= cast(x.within_position as integer) and instr(coalesce(d.tags, ''), 'part2') = 0
),

known as (
    select
        c.*,
        coalesce(p.paid_on, cast(c.happened_on + interval '60' day as date)) as known_on
    from coded as c
    inner join core.claim as p on c.claim_key = p.claim_key
    left join ruled_out as x on c.claim_key = x.claim_key and c.condition = x.condition
    where x.claim_key is null
),

counted as (
    select
        d.scored_on,
        k.person_id,
        k.condition,
        sum(k.in_one) as one_claims,
        sum(k.in_one * k.is_open) as one_open,
        count(distinct case when k.in_two = 1 then k.claim_key end) as two_claims,
        count(distinct case when k.in_two = 1 and k.is_open = 1 then k.claim_key end) as two_open,
        date_diff(
            'day',
            min(case when k.in_two = 1 then k.happened_on end),
            max(case when k.in_two = 1 then k.happened_on end)
        ) as apart,
        date_diff(
            'day',
            min(case when k.in_two = 1 and k.is_open = 1 then k.happened_on end),
            max(case when k.in_two = 1 and k.is_open = 1 then k.happened_on end)
        ) as apart_open
    from known as k
    inner join marts.score_date as d on k.happened_on <= d.scored_on and (d.is_today or k.known_on <= d.scored_on)
    inner join knowledge.ccw30_rule as r on k.condition = r.condition
    where
        k.happened_on > case
            when cast(r.months as integer) = 12 then d.from_12
            else d.from_24
        end
    group by d.scored_on, k.person_id, k.condition
)

select
    c.scored_on,
    c.person_id,
    c.condition,
    c.one_open >= cast(r.one_claims as integer)
    or (
        c.two_open >= coalesce(cast(nullif(r.two_claims, '') as integer), 9999)
        and coalesce(c.apart_open, -1) >= cast(r.days_apart as integer)
    ) as is_open
from counted as c
inner join knowledge.ccw30_rule as r on c.condition = r.condition
where
    c.one_claims >= cast(r.one_claims as integer)
    or (
        c.two_claims >= coalesce(cast(nullif(r.two_claims, '') as integer), 9999)
        and coalesce(c.apart, -1) >= cast(r.days_apart as integer)
    )
