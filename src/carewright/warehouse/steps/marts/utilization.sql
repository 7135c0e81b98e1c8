-- What each person used and what was paid for it, over the 6, 12 and 24 months up to the run's day.
--
-- Facts protected by 42 CFR Part 2 are never counted. The columns ending in "open" count only facts without any
-- sensitivity tag, for readers who may not see the others. Emergency visits that led to a stay are counted as the stay.
--
-- grain: person_id
-- person_id           the person
-- months_enrolled_12  months with coverage, of the twelve that end with the run's month
-- stays_6             acute stays that began in 6 months
-- stays_12            … in 12 months
-- stays_24            … in 24 months
-- unplanned_stays_6   unplanned acute stays in 6 months
-- unplanned_stays_12  … in 12 months
-- unplanned_stays_24  … in 24 months
-- ed_visits_6         emergency visits that did not lead to a stay, in 6 months
-- ed_visits_12        … in 12 months
-- ed_visits_24        … in 24 months
-- readmissions_12     stays in 12 months that began 1 to 30 days after a discharge
-- snf_days_12         days in skilled nursing in 12 months, the day of discharge not counted
-- paid_6              paid for services in 6 months, in dollars
-- paid_12             … in 12 months
-- paid_24             … in 24 months
-- providers_12        different providers who gave services in 12 months
-- pcp_visits_12       days with a primary care visit in 12 months
-- medicines_12        different products (first nine digits of the NDC) dispensed in 12 months
-- stays_12_open       stays_12, open facts only
-- unplanned_stays_12_open  unplanned_stays_12, open facts only
-- ed_visits_12_open   ed_visits_12, open facts only
-- paid_12_open        paid_12, open facts only

with stay as (
    select
        s.person_id,
        sum(case when s.admitted_on > w.after_6 then 1 else 0 end) as stays_6,
        sum(case when s.admitted_on > w.after_12 then 1 else 0 end) as stays_12,
        sum(case when s.admitted_on > w.after_24 then 1 else 0 end) as stays_24,
        sum(case when s.is_unplanned and s.admitted_on > w.after_6 then 1 else 0 end) as unplanned_6,
        sum(case when s.is_unplanned and s.admitted_on > w.after_12 then 1 else 0 end) as unplanned_12,
        sum(case when s.is_unplanned and s.admitted_on > w.after_24 then 1 else 0 end) as unplanned_24,
        sum(case when s.tags = '' and s.admitted_on > w.after_12 then 1 else 0 end) as stays_12_open,
        sum(case when s.tags = '' and s.is_unplanned and s.admitted_on > w.after_12 then 1 else 0 end)
            as unplanned_12_open
    from core.inpatient_stay as s
    cross join marts.window as w
    where s.is_acute
    group by s.person_id
),

visit as (
    select
        v.person_id,
        sum(case when v.visited_on > w.after_6 then 1 else 0 end) as visits_6,
        sum(case when v.visited_on > w.after_12 then 1 else 0 end) as visits_12,
        sum(case when v.visited_on > w.after_24 then 1 else 0 end) as visits_24,
        sum(case when v.tags = '' and v.visited_on > w.after_12 then 1 else 0 end) as visits_12_open
    from core.ed_visit as v
    cross join marts.window as w
    where not v.led_to_stay
    group by v.person_id
),

readmission as (
    select x.person_id, count(distinct x.readmission_stay_id) as readmissions_12
    from marts.readmission as x
    cross join marts.window as w
    where x.readmitted_on > w.after_12
    group by x.person_id
),

nursing as (
    select
        s.person_id,
        sum(
            greatest(
                date_diff(
                    'day',
                    greatest(s.admitted_on, w.after_12 + 1),
                    coalesce(s.discharged_on, least(s.last_known_on + 1, w.as_of))
                ),
                0
            )
        ) as snf_days_12
    from core.snf_stay as s
    cross join marts.window as w
    group by s.person_id
),

spent as (
    select
        p.person_id,
        sum(case when p."on" > w.after_6 then p.paid end) as paid_6,
        sum(case when p."on" > w.after_12 then p.paid end) as paid_12,
        sum(case when p."on" > w.after_24 then p.paid end) as paid_24,
        sum(case when p."on" > w.after_12 and p.is_open then p.paid end) as paid_12_open
    from marts.spending as p
    cross join marts.window as w
    group by p.person_id
),

provider as (
    select person_id, count(*) as providers_12
    from (
        select c.person_id, coalesce(c.rendering_npi, c.billing_npi, c.facility_npi) as npi
        from core.claim as c
        cross join marts.window as w
        where c.starts_on > w.after_12 and c.tags not like '%part2%'
        group by c.person_id, coalesce(c.rendering_npi, c.billing_npi, c.facility_npi)
    ) as n
    where npi is not null
    group by person_id
),

primary_care as (
    select person_id, sum(visits_12) as pcp_visits_12
    from marts.visit_provider
    where is_primary_care
    group by person_id
),

medicine as (
    select person_id, count(*) as medicines_12
    from (
        select d.person_id, substr(d.ndc, 1, 9) as product
        from core.dispensing as d
        cross join marts.window as w
        where d."on" > w.after_12 and d.tags not like '%part2%'
        group by d.person_id, substr(d.ndc, 1, 9)
    ) as p
    group by person_id
),

enrolled as (
    select e.person_id, count(*) as months_enrolled_12
    from core.member_month as e
    inner join core.month as m on e.month = m.month
    where m.months_ago < 12
    group by e.person_id
)

select
    p.person_id,
    cast(coalesce(e.months_enrolled_12, 0) as integer) as months_enrolled_12,
    cast(coalesce(s.stays_6, 0) as integer) as stays_6,
    cast(coalesce(s.stays_12, 0) as integer) as stays_12,
    cast(coalesce(s.stays_24, 0) as integer) as stays_24,
    cast(coalesce(s.unplanned_6, 0) as integer) as unplanned_stays_6,
    cast(coalesce(s.unplanned_12, 0) as integer) as unplanned_stays_12,
    cast(coalesce(s.unplanned_24, 0) as integer) as unplanned_stays_24,
    cast(coalesce(v.visits_6, 0) as integer) as ed_visits_6,
    cast(coalesce(v.visits_12, 0) as integer) as ed_visits_12,
    cast(coalesce(v.visits_24, 0) as integer) as ed_visits_24,
    cast(coalesce(x.readmissions_12, 0) as integer) as readmissions_12,
    cast(coalesce(n.snf_days_12, 0) as integer) as snf_days_12,
    cast(coalesce(c.paid_6, 0) as decimal(18, 2)) as paid_6,
    cast(coalesce(c.paid_12, 0) as decimal(18, 2)) as paid_12,
    cast(coalesce(c.paid_24, 0) as decimal(18, 2)) as paid_24,
    cast(coalesce(o.providers_12, 0) as integer) as providers_12,
    cast(coalesce(g.pcp_visits_12, 0) as integer) as pcp_visits_12,
    cast(coalesce(d.medicines_12, 0) as integer) as medicines_12,
    cast(coalesce(s.stays_12_open, 0) as integer) as stays_12_open,
    cast(coalesce(s.unplanned_12_open, 0) as integer) as unplanned_stays_12_open,
    cast(coalesce(v.visits_12_open, 0) as integer) as ed_visits_12_open,
    cast(coalesce(c.paid_12_open, 0) as decimal(18, 2)) as paid_12_open
from core.person as p
left join enrolled as e on p.person_id = e.person_id
left join stay as s on p.person_id = s.person_id
left join visit as v on p.person_id = v.person_id
left join readmission as x on p.person_id = x.person_id
left join nursing as n on p.person_id = n.person_id
left join spent as c on p.person_id = c.person_id
left join provider as o on p.person_id = o.person_id
left join primary_care as g on p.person_id = g.person_id
left join medicine as d on p.person_id = d.person_id
