-- Spans of coverage: adjoining or overlapping rows of the same insurer, plan and status put together.
--
-- grain: person_id, payer, payer_type, plan, dual_status_code, starts_on
-- person_id                         the person
-- payer                             the insurer
-- payer_type                        medicare, medicaid, commercial, …
-- plan                              the plan
-- member_id                         the number on the card
-- starts_on                         first day
-- ends_on                           last day; 9999-12-31 while it has no end
-- dual_status_code                  Medicare and Medicaid together (CMS 00 to 10, 99)
-- original_reason_entitlement_code  why Medicare began
-- medicare_status_code              CMS Medicare status
-- is_institutional                  lives in a nursing facility
-- in_hospice                        in hospice
-- evidence                          its first landed row

with marked as (
    select
        e.*,
        case
            when e.starts_on <= max(e.ends_on) over (
                partition by e.person_id, e.payer, e.payer_type, e.plan, e.dual_status_code
                order by e.starts_on, e.ends_on, e.evidence
                rows between unbounded preceding and 1 preceding
            ) + 1 then 0
            else 1
        end as starts_anew
    from (
        select
            person_id, payer, payer_type, plan, member_id, starts_on, least(ends_on, date '9999-12-30') as ends_on,
            dual_status_code, original_reason_entitlement_code, medicare_status_code, is_institutional, in_hospice,
            evidence
        from input.eligibility
    ) as e
),

numbered as (
    select
        m.*,
        sum(m.starts_anew) over (
            partition by m.person_id, m.payer, m.payer_type, m.plan, m.dual_status_code
            order by m.starts_on, m.ends_on, m.evidence
            rows between unbounded preceding and current row
        ) as span
    from marked as m
)

select
    person_id,
    payer,
    payer_type,
    plan,
    max(member_id) as member_id,
    min(starts_on) as starts_on,
    case when max(ends_on) >= date '9999-12-30' then date '9999-12-31' else max(ends_on) end as ends_on,
    dual_status_code,
    max(original_reason_entitlement_code) as original_reason_entitlement_code,
    max(medicare_status_code) as medicare_status_code,
    bool_or(is_institutional) as is_institutional,
    bool_or(in_hospice) as in_hospice,
    min(evidence) as evidence
from numbered
group by person_id, payer, payer_type, plan, dual_status_code, span
