-- The months in which a person was covered for at least one day, in the thirty-six months up to the run's month.
--
-- grain: person_id, month
-- person_id         the person
-- month             first day of the month
-- payer             insurer of the latest coverage in the month
-- payer_type        medicare, medicaid, commercial, …
-- plan              the plan
-- dual_status_code  Medicare and Medicaid together (CMS 00 to 10, 99)

with covered as (
    select
        c.person_id,
        m.month,
        c.payer,
        c.payer_type,
        c.plan,
        c.dual_status_code,
        row_number() over (
            partition by c.person_id, m.month
            order by c.ends_on desc, c.starts_on desc, c.payer, c.plan, c.dual_status_code
        ) as place
    from core.coverage as c
    inner join core.month as m on c.starts_on <= m.ends_on and c.ends_on >= m.month
    cross join knowledge.run as r
    where c.starts_on <= r.as_of
)

select person_id, month, payer, payer_type, plan, dual_status_code
from covered
where place = 1
