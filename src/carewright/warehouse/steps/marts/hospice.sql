-- Who is in hospice by what was billed: the latest hospice claim, or discharge to hospice, of each person.
--
-- Hospice is billed every month, and claims come late: somebody is taken to be in hospice when the latest such claim
-- ended within the days set, and it does not say that they left alive for another place. Facts protected by
-- 42 CFR Part 2 are left out.
--
-- exported: no
-- grain: person_id
-- person_id   the person
-- latest_on   last day of the latest hospice claim, or the day of the discharge to hospice
-- in_hospice  within the days set, and not left alive
-- evidence    the landed row

with told as (
    select
        c.person_id,
        c.ends_on,
        c.discharge_status,
        c.evidence,
        row_number() over (
            partition by c.person_id
            order by c.ends_on desc, case when c.discharge_status is null then 1 else 0 end, c.evidence desc
        ) as place
    from core.claim as c
    where
        c.tags not like '%part2%'
        and (
            c.claim_kind = 'HOSPICE'
            or c.service_category_2 in ('inpatient hospice', 'outpatient hospice')
            or c.discharge_status in ('50', '51')
        )
),

setting as (
    select cast(max(value) as integer) as hospice_days
    from marts.criterion_setting
    where program = 'every_program' and key = 'hospice_days'
)

select
    t.person_id,
    t.ends_on as latest_on,
    date_diff('day', t.ends_on, r.as_of) <= s.hospice_days
    and coalesce(t.discharge_status, '30') in ('20', '30', '40', '41', '42', '50', '51') as in_hospice,
    t.evidence
from told as t
cross join knowledge.run as r
cross join setting as s
where t.place = 1
