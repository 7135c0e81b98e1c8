-- Every fill that stands: what a pharmacy handed out, for how many days, and what it cost.
--
-- grain: evidence, line_number
-- person_id       the person
-- ndc             the product, eleven digits
-- said            the product in the sender's own words, where it sent any
-- on              the day it was handed out
-- days_supply     days it should last
-- quantity        units
-- prescriber_npi  who prescribed
-- pharmacy_npi    the pharmacy
-- paid            paid, in dollars
-- allowed         allowed, in dollars
-- paid_on         the day the payer paid
-- source          the feed
-- claim_id        the payer's number for the claim
-- line_number     the line on the claim
-- tags            sensitivity tags, sorted: what the row landed with, what the medicine brings, who gave it
-- evidence        the landed row

select
    coalesce(j.counted_as, f.person_id) as person_id,
    f.ndc_code as ndc,
    nullif(trim(f.ndc_description), '') as said,
    f.dispensing_date as "on",
    f.days_supply,
    f.quantity,
    f.prescribing_provider_npi as prescriber_npi,
    f.dispensing_provider_npi as pharmacy_npi,
    f.paid_amount as paid,
    f.allowed_amount as allowed,
    f.paid_date as paid_on,
    f.source,
    f.claim_id,
    coalesce(f.claim_line_number, 0) as line_number,
    concat_ws(
        ';',
        case when m.ndc is null or f.tags like '%behavioral%' or m.tags like '%behavioral%' then 'behavioral' end,
        case when m.ndc is null or f.tags like '%hiv%' or m.tags like '%hiv%' then 'hiv' end,
        case when f.tags like '%minor%' then 'minor' end,
        case
            when f.tags like '%part2%' or s.value is not null or n.value is not null or p.value is not null then 'part2'
        end,
        case when m.ndc is null or f.tags like '%reproductive%' or m.tags like '%reproductive%' then 'reproductive' end,
        case when f.tags like '%safety%' then 'safety' end
    ) as tags,
    f.delivery_id || ':' || cast(f.line as varchar) as evidence
from landed.pharmacy_claim as f
cross join knowledge.run as r
left join knowledge.joined_number as j on f.person_id = j.person_id
left join input.fill_left_out as o on f.delivery_id = o.delivery_id and f.line = o.line and f.source = o.source
left join knowledge.part2_source as s on s.kind = 'feed' and f.source = s.value
left join knowledge.part2_source as n on n.kind = 'npi' and f.prescribing_provider_npi = n.value
left join knowledge.part2_source as p on p.kind = 'npi' and f.dispensing_provider_npi = p.value
left join core.medicine as m on f.ndc_code = m.ndc
where o.delivery_id is null and f.dispensing_date <= r.as_of
