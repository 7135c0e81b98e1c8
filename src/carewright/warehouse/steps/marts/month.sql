-- Cost and use by month of service over the last 24 months; months without either have no row.
--
-- grain: person_id, month
-- person_id       the person
-- month           first day of the month
-- paid            paid in all, in dollars
-- inpatient_paid  for hospital and nursing stays, professionals' bills there included
-- ed_paid         for emergency visits
-- pharmacy_paid   for medicines
-- other_paid      for all else
-- stays           acute stays that began in the month
-- ed_visits       emergency visits that did not lead to a stay

with told as (
    select
        person_id, cast(date_trunc('month', "on") as date) as month, kind, paid, 0 as stays, 0 as ed_visits
    from marts.spending
    union all
    select
        person_id, cast(date_trunc('month', admitted_on) as date) as month, 'stay' as kind,
        cast(null as decimal(18, 2)) as paid, 1 as stays, 0 as ed_visits
    from core.inpatient_stay
    where is_acute
    union all
    select
        person_id, cast(date_trunc('month', visited_on) as date) as month, 'visit' as kind,
        cast(null as decimal(18, 2)) as paid, 0 as stays, 1 as ed_visits
    from core.ed_visit
    where not led_to_stay
)

select
    t.person_id,
    t.month,
    cast(coalesce(sum(t.paid), 0) as decimal(18, 2)) as paid,
    cast(coalesce(sum(case when t.kind = 'inpatient' then t.paid end), 0) as decimal(18, 2)) as inpatient_paid,
    cast(coalesce(sum(case when t.kind = 'emergency' then t.paid end), 0) as decimal(18, 2)) as ed_paid,
    cast(coalesce(sum(case when t.kind = 'pharmacy' then t.paid end), 0) as decimal(18, 2)) as pharmacy_paid,
    cast(coalesce(sum(case when t.kind = 'other' then t.paid end), 0) as decimal(18, 2)) as other_paid,
    cast(sum(t.stays) as integer) as stays,
    cast(sum(t.ed_visits) as integer) as ed_visits
from told as t
inner join core.month as m on t.month = m.month
where m.months_ago < 24
group by t.person_id, t.month
