-- Who clinical sources say people are, the latest word of each source; sources protected by 42 CFR Part 2 left out: that
-- someone is known there is itself protected.
--
-- grain: person_id, source
-- person_id     the person; numbers of records that were joined are counted as one
-- number        the number the source knows them by
-- source        the feed
-- first_name    given name
-- last_name     family name
-- name_suffix   Jr, Sr, III
-- sex           female, male or unknown
-- born_on       day of birth
-- died_on       day of death
-- race          as the source has it
-- ethnicity     as the source has it
-- language      the language the person prefers
-- address       street
-- city          city
-- state         state
-- zip_code      ZIP code
-- phone         telephone
-- email         e-mail
-- received_seq  order of receipt
-- evidence      the landed row

with ranked as (
    select
        p.*,
        coalesce(j.counted_as, p.person_id) as whom,
        row_number() over (
            partition by coalesce(j.counted_as, p.person_id), p.source
            order by p.received_seq desc, p.delivery_id desc, p.line desc
        ) as place
    from landed.person as p
    left join knowledge.joined_number as j on p.person_id = j.person_id
)

select
    k.whom as person_id,
    k.person_id as number,
    k.source,
    k.first_name,
    k.last_name,
    k.name_suffix,
    case when lower(k.gender) in ('female', 'male') then lower(k.gender) else 'unknown' end as sex,
    k.birth_date as born_on,
    k.death_date as died_on,
    k.race,
    k.ethnicity,
    k.language,
    k.address,
    k.city,
    k.state,
    k.zip_code,
    k.phone,
    k.email,
    k.received_seq,
    k.delivery_id || ':' || cast(k.line as varchar) as evidence
from ranked as k
left join knowledge.part2_source as s on s.kind = 'feed' and k.source = s.value
where k.place = 1 and s.value is null and coalesce(k.tags, '') not like '%part2%'
