-- What we know of each provider: a name, a specialty, and whether they give primary care.
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
),

ranked as (
    select
        *,
        row_number() over (partition by npi order by weight, received_seq desc, delivery_id desc, line desc) as place
    from said
),

specialty as (
    select
        s.npi,
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
    r.specialty,
    case when s.npi is not null then s.primary_care = 1 end as is_primary_care
from ranked as r
left join specialty as s on r.npi = s.npi
where r.place = 1
