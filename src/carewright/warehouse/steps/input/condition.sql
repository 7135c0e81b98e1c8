-- Conditions from records as they stand: the latest word on each, without those taken back, ICD-10-CM codes only.
--
-- grain: evidence
-- person_id  the person
-- source     the feed
-- code       ICD-10-CM, no dot
-- position   place in the list of diagnoses, where the record says one
-- noted_on   the day it was written down, else the day it began
-- ends_on    the day it ended
-- is_over    whether the record says it is over, with or without a day
-- tags       sensitivity tags as landed
-- is_part2   from a source protected by 42 CFR Part 2, by its feed or by who wrote it down
-- evidence   the landed row

with ranked as (
    select
        c.*,
        row_number() over (
            partition by c.source, c.condition_id
            order by c.received_seq desc, c.delivery_id desc, c.line desc
        ) as place
    from landed.condition as c
),

named as (
    select
        k.*,
        case
            when lower(k.normalized_code_type) like '%icd-10-cm%' or lower(k.normalized_code_type) = 'icd10cm'
                then k.normalized_code
            when lower(k.source_code_type) like '%icd-10-cm%' or lower(k.source_code_type) = 'icd10cm'
                then k.source_code
        end as icd10
    from ranked as k
    where k.place = 1 and not coalesce(k.is_retracted, false)
),

written_by_protected as (
    select w.delivery_id, w.line, w.resource_id
    from landed.resource as w
    inner join knowledge.part2_source as p
        on p.kind = 'npi'
        and p.value in (w.provider_npi_1, w.provider_npi_2, w.provider_npi_3, w.provider_npi_4)
    where w.resource_type = 'Condition'
    group by w.delivery_id, w.line, w.resource_id
)

select
    coalesce(j.counted_as, n.person_id) as person_id,
    n.source,
    upper(replace(n.icd10, '.', '')) as code,
    n.condition_rank as position,
    coalesce(n.recorded_date, n.onset_date) as noted_on,
    n.resolved_date as ends_on,
    coalesce(lower(n.status), '') = 'resolved' as is_over,
    coalesce(n.tags, '') as tags,
    coalesce(n.tags, '') like '%part2%' or s.value is not null or w.resource_id is not null as is_part2,
    n.delivery_id || ':' || cast(n.line as varchar) as evidence
from named as n
cross join knowledge.run as r
left join knowledge.joined_number as j on n.person_id = j.person_id
left join knowledge.part2_source as s on s.kind = 'feed' and n.source = s.value
left join written_by_protected as w
    on n.delivery_id = w.delivery_id and n.line = w.line and n.condition_id = w.resource_id
where n.icd10 is not null and coalesce(n.recorded_date, n.onset_date) <= r.as_of
