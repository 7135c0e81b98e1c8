-- The lines of final claims, for those who open a claim or count single services.
--
-- stored: no
-- grain: evidence, line_number
-- source            the feed
-- claim_id          the payer's number for the claim
-- line_number       the line on the claim; 0 when the payer gave none
-- person_id         the person
-- on                first day of the line
-- ends_on           last day of the line
-- revenue_code      NUBC revenue center
-- hcpcs             CPT or HCPCS number
-- place_of_service  CMS place of service
-- rendering_npi     who gave the service
-- paid              paid, in dollars
-- allowed           allowed, in dollars
-- service_category  by place of service, for professional lines; null where only the whole claim tells
-- tags              sensitivity tags, sorted
-- evidence          the landed row

select
    l.source,
    l.claim_id,
    l.line_number,
    l.person_id,
    l.line_starts_on as "on",
    l.line_ends_on as ends_on,
    l.revenue_code,
    l.hcpcs,
    l.place_of_service,
    l.rendering_npi,
    l.paid,
    l.allowed,
    p.category_2 as service_category,
    concat_ws(
        ';',
        case when l.tags like '%behavioral%' then 'behavioral' end,
        case when l.tags like '%hiv%' then 'hiv' end,
        case when l.is_part2 then 'part2' end,
        case when l.tags like '%reproductive%' then 'reproductive' end,
        case when l.tags like '%safety%' then 'safety' end
    ) as tags,
    l.delivery_id || ':' || cast(l.line as varchar) as evidence
from input.claim_line as l
left join (
    select c.source, c.claim_id
    from input.claim_withdrawn as w
    inner join input.medical_claim as c on w.claim_key = c.claim_key
) as o on l.source = o.source and l.claim_id = o.claim_id
left join knowledge.place_of_service as p on l.claim_type = 'professional' and l.place_of_service = p.code
where o.claim_id is null
