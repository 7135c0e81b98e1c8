-- Everyone, as the patient record receives them.
--
-- stored: no
-- grain: person_id

select
    person_id,
    first_name,
    last_name,
    name_suffix,
    born_on,
    died_on,
    sex,
    race,
    ethnicity,
    language,
    address,
    city,
    state,
    zip_code,
    phone,
    email,
    payer,
    payer_type,
    plan,
    member_id,
    first_enrolled_on,
    last_enrolled_on,
    is_covered,
    dual_status_code,
    original_reason_entitlement_code,
    medicare_status_code,
    is_institutional,
    in_hospice,
    pcp_npi,
    identity_in_doubt,
    age,
    evidence
from core.person
