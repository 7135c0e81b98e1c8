-- What the order is worth: of the unplanned stays in the six months after an earlier day, how many would the first
-- 1, 5 and 10 % of the list have caught, beside the CMS-HCC score, the Charlson index and chance.
--
-- Everyone with the same value shares what is left at the cut evenly, so no method gains by luck. CMS-HCC is compared
-- among people with Medicare only, where it is defined: payment year of the day, diagnoses of the year before.
--
-- grain: scored_on, people_group, method, top_share
-- scored_on     the earlier day
-- months_back   how many months ago
-- is_complete   whether claims for the six months after it are complete
-- people_group  everyone, or those with Medicare
-- method        carewright, charlson, cms_hcc or chance
-- top_share     0.01, 0.05 or 0.1
-- people        how many people were in the order
-- chosen        how many people the share is
-- stays         unplanned stays of all of them in the six months after
-- caught        unplanned stays of the chosen
-- share         caught of stays; empty when there were none

with back as (
    select * from marts.score_date where not is_today
),

outcome as (
    select d.scored_on, s.person_id, count(*) as stays
    from marts.score_stay as s
    inner join back as d on s.admitted_on > d.scored_on and s.admitted_on <= d.until_6
    where s.is_unplanned
    group by d.scored_on, s.person_id
),

ours as (
    select scored_on, person_id, sum(points) as points
    from marts.score_point
    group by scored_on, person_id
),

payment as (
    select d.scored_on, h.person_id, max(h.raw_score) as raw_score
    from marts.hcc_score as h
    inner join back as d on cast(h.payment_year as integer) = extract(year from d.scored_on)
    where h.model = 'V28' and h.status = 'scored'
    group by d.scored_on, h.person_id
),

payment_day as (
    select distinct scored_on from payment
),

scored as (
    select p.scored_on, g.people_group, 'carewright' as method, p.person_id, coalesce(o.points, 0) as value
    from marts.score_person as p
    inner join back as d on p.scored_on = d.scored_on
    inner join (select 'everyone' as people_group union all select 'medicare') as g
        on g.people_group = 'everyone' or p.is_medicare
    left join ours as o on p.scored_on = o.scored_on and p.person_id = o.person_id
    union all
    select p.scored_on, g.people_group, 'charlson', p.person_id, coalesce(c.charlson, 0)
    from marts.score_person as p
    inner join back as d on p.scored_on = d.scored_on
    inner join (select 'everyone' as people_group union all select 'medicare') as g
        on g.people_group = 'everyone' or p.is_medicare
    left join marts.score_charlson as c on p.scored_on = c.scored_on and p.person_id = c.person_id
    union all
    select p.scored_on, 'medicare', 'cms_hcc', p.person_id, coalesce(h.raw_score, 0)
    from marts.score_person as p
    inner join payment_day as d on p.scored_on = d.scored_on
    left join payment as h on p.scored_on = h.scored_on and p.person_id = h.person_id
    where p.is_medicare
    union all
    select p.scored_on, g.people_group, 'chance', p.person_id, 0
    from marts.score_person as p
    inner join back as d on p.scored_on = d.scored_on
    inner join (select 'everyone' as people_group union all select 'medicare') as g
        on g.people_group = 'everyone' or p.is_medicare
),

equal as (
    select
        s.scored_on,
        s.people_group,
        s.method,
        s.value,
        count(*) as people,
        sum(coalesce(o.stays, 0)) as stays
    from scored as s
    left join outcome as o on s.scored_on = o.scored_on and s.person_id = o.person_id
    group by s.scored_on, s.people_group, s.method, s.value
),

placed as (
    select
        e.*,
        sum(e.people) over (partition by e.scored_on, e.people_group, e.method) as all_people,
        sum(e.stays) over (partition by e.scored_on, e.people_group, e.method) as all_stays,
        coalesce(
            sum(e.people) over (
                partition by e.scored_on, e.people_group, e.method
                order by e.value desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as before
    from equal as e
),

cut as (
    select
        p.*,
        cast(t.top_percent / 100.0 as double) as top_share,
        ceil(p.all_people * t.top_percent / 100.0) as chosen
    from placed as p
    cross join (select 1 as top_percent union all select 5 union all select 10) as t
),

complete as (
    select min(complete_through) as complete_through from marts.freshness_summary
)

select
    c.scored_on,
    d.months_back,
    coalesce(d.until_6 <= f.complete_through, false) as is_complete,
    c.people_group,
    c.method,
    c.top_share,
    cast(max(c.all_people) as integer) as people,
    cast(max(c.chosen) as integer) as chosen,
    cast(max(c.all_stays) as integer) as stays,
    cast(sum(c.stays * least(greatest(c.chosen - c.before, 0), c.people) / c.people) as double) as caught,
    case
        when max(c.all_stays) > 0
            then
                cast(
                    sum(c.stays * least(greatest(c.chosen - c.before, 0), c.people) / c.people) / max(c.all_stays)
                    as double
                )
    end as share
from cut as c
inner join back as d on c.scored_on = d.scored_on
cross join complete as f
group by c.scored_on, d.months_back, d.until_6, f.complete_through, c.people_group, c.method, c.top_share
