-- Office, home and preventive visits of the last 24 months, by person and provider.
--
-- One visit is one day with one provider. Facts protected by 42 CFR Part 2 are left out. A provider whose specialty no
-- source says may be a primary care provider; one with another specialty is not.
--
-- exported: no
-- grain: person_id, npi
-- person_id         the person
-- npi               who gave the visits
-- is_primary_care   by specialty, or because the payer lists them for the person; true where nothing is known
-- visits            days with a visit in 24 months
-- visits_12         days with a visit in 12 months
-- latest_on         the latest visit
-- evidence          landed rows of the latest five visits, joined with ';'

with day as (
    select c.person_id, c.visit_npi as npi, c.starts_on as "on", min(c.evidence) as evidence
    from core.claim as c
    cross join marts.window as w
    where
        c.visit_npi is not null
        and c.claim_type in ('professional', 'institutional')
        and c.starts_on > w.after_24
        and c.tags not like '%part2%'
    group by c.person_id, c.visit_npi, c.starts_on
),

placed as (
    select
        d.*,
        row_number() over (partition by d.person_id, d.npi order by d."on" desc) as place
    from day as d
)

select
    d.person_id,
    d.npi,
    coalesce(max(p.pcp_npi) = d.npi, false) or coalesce(bool_or(v.is_primary_care), true) as is_primary_care,
    count(*) as visits,
    sum(case when d."on" > w.after_12 then 1 else 0 end) as visits_12,
    max(d."on") as latest_on,
    string_agg(case when d.place <= 5 then d.evidence end, ';' order by d.place) as evidence
from placed as d
cross join marts.window as w
left join core.provider as v on d.npi = v.npi
left join core.person as p on d.person_id = p.person_id
group by d.person_id, d.npi, w.after_12
