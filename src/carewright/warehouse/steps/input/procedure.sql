-- Procedures from records as they stand: the latest word on each, without those taken back.
--
-- stored: no
-- grain: evidence
-- person_id        the person
-- source           the feed
-- code_system      as the source names it
-- code             the procedure
-- done_on          the day it was done
-- practitioner_id  who did it
-- tags             sensitivity tags as landed, and part2 from listed sources
-- evidence         the landed row

with ranked as (
    select
        p.*,
        row_number() over (
            partition by p.source, p.procedure_id
            order by p.received_seq desc, p.delivery_id desc, p.line desc
        ) as place
    from landed.procedure as p
)

select
    coalesce(j.counted_as, k.person_id) as person_id,
    k.source,
    lower(coalesce(k.normalized_code_type, k.source_code_type)) as code_system,
    coalesce(k.normalized_code, k.source_code) as code,
    k.procedure_date as done_on,
    k.practitioner_id,
    concat_ws(
        ';',
        case when k.tags like '%behavioral%' then 'behavioral' end,
        case when k.tags like '%hiv%' then 'hiv' end,
        case when k.tags like '%part2%' or s.value is not null then 'part2' end,
        case when k.tags like '%reproductive%' then 'reproductive' end,
        case when k.tags like '%safety%' then 'safety' end
    ) as tags,
    k.delivery_id || ':' || cast(k.line as varchar) as evidence
from ranked as k
cross join knowledge.run as r
left join knowledge.joined_number as j on k.person_id = j.person_id
left join knowledge.part2_source as s on s.kind = 'feed' and k.source = s.value
where k.place = 1 and not coalesce(k.is_retracted, false) and k.procedure_date <= r.as_of
