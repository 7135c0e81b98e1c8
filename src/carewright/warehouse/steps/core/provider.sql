-- What we know of each provider: a name, a specialty, and whether they give primary care.
--
-- Names come from lists of practitioners and organizations, else from the visits and stays that records tell of.
--
-- grain: npi
-- npi              national provider identifier
-- name             the person's name, or the place's
-- specialty        as the source writes it
-- is_primary_care  by specialty; null when no source says a specialty

with said as (
    select
        npi,
        nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '') as name,
        specialty,
        received_seq,
        delivery_id,
        line,
        1 as weight
    from landed.practitioner
    where npi is not null
    union all
    select npi, name, cast(null as varchar) as specialty, received_seq, delivery_id, line, 2 as weight
    from landed.organization
    where npi is not null
    union all
    select facility_id, facility_name, cast(null as varchar), received_seq, delivery_id, line, 3
    from landed.encounter
    where facility_name is not null and length(facility_id) = 10 and facility_id between '1000000000' and '2999999999'
    union all
    select
        attending_provider_id, attending_provider_name, cast(null as varchar), received_seq, delivery_id, line, 4
    from landed.encounter
    where
        attending_provider_name is not null
        and length(attending_provider_id) = 10
        and attending_provider_id between '1000000000' and '2999999999'
),

ranked as (
    select
        *,
        row_number() over (
            partition by npi
            order by case when name is null then 1 else 0 end, weight, received_seq desc, delivery_id desc, line desc
        ) as place
    from said
),

specialty as (
    select
        s.npi,
        max(s.specialty) as specialty,
        max(case when p.name is not null then 1 else 0 end) as primary_care
    from said as s
    left join knowledge.primary_care_specialty as p
        on lower(trim(s.specialty)) = p.name or trim(s.specialty) = p.code
    where s.specialty is not null
    group by s.npi
)

select
    r.npi,
    r.name,
    s.specialty,
    case when s.npi is not null then s.primary_care = 1 end as is_primary_care
from ranked as r
left join specialty as s on r.npi = s.npi
where r.place = 1
