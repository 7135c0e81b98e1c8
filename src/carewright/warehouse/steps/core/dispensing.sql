-- Every fill that stands: what a pharmacy handed out, for how many days, and what it cost.
--
-- grain: evidence, line_number
-- person_id       the person
-- ndc             the product, eleven digits
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
-- tags            sensitivity tags, sorted
-- evidence        the landed row

select
    coalesce(j.counted_as, f.person_id) as person_id,
    f.ndc_code as ndc,
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
    case
        when coalesce(f.tags, '') not like '%part2%' and (s.value is not null or n.value is not null or m.value is not null)
            then
                concat_ws(
                    ';',
                    case when f.tags like '%behavioral%' then 'behavioral' end,
                    case when f.tags like '%hiv%' then 'hiv' end,
                    'part2',
                    case when f.tags like '%reproductive%' then 'reproductive' end,
                    case when f.tags like '%safety%' then 'safety' end
                )
        else coalesce(f.tags, '')
    end as tags,
    f.delivery_id || ':' || cast(f.line as varchar) as evidence
from landed.pharmacy_claim as f
cross join knowledge.run as r
left join knowledge.joined_number as j on f.person_id = j.person_id
left join input.fill_left_out as o on f.delivery_id = o.delivery_id and f.line = o.line and f.source = o.source
left join knowledge.part2_source as s on s.kind = 'feed' and f.source = s.value
left join knowledge.part2_source as n on n.kind = 'npi' and f.prescribing_provider_npi = n.value
left join knowledge.part2_source as m on m.kind = 'npi' and f.dispensing_provider_npi = m.value
where o.delivery_id is null and f.dispensing_date <= r.as_of
