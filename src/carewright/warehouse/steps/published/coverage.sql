-- Spans of coverage, as the patient record receives them.
--
-- stored: no
-- grain: person_id, payer, payer_type, plan, dual_status_code, starts_on

select
    person_id,
    payer,
    payer_type,
    plan,
    member_id,
    starts_on,
    ends_on,
    dual_status_code,
    original_reason_entitlement_code,
    medicare_status_code,
    is_institutional,
    in_hospice,
    evidence
from core.coverage
