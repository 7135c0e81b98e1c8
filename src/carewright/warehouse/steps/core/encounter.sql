-- Claims and records put together into encounters: each claim belongs to exactly one.
--
-- First stays, then skilled nursing stays, then emergency visits take the claims they are made of. A professional or
-- ancillary claim that begins during a stay belongs to it, hospital stays before nursing stays. What is left is one
-- encounter per person, day and kind of service. Facts protected by 42 CFR Part 2 are left out.
--
-- grain: encounter_id
-- encounter_id  the stay, the visit, or person, day and kind
-- person_id     the person
-- kind          inpatient stay, skilled nursing stay, emergency visit, or a service category
-- starts_on     first day
-- ends_on       last day; null while it lasts
-- claims        how many claims
-- paid          paid on them, in dollars
-- told_by       claims or records
-- tags          sensitivity tags, sorted
-- evidence      landed row of its first claim, or the record

with claim as (
    select
        c.claim_key, c.person_id, c.starts_on, c.ends_on, c.claim_type, c.service_category_2, c.paid, c.tags, c.evidence
    from core.claim as c
    where c.tags not like '%part2%'
),

bed_claim as (
    select b.bed_id, s.stay_id
    from core.bed_in_stay as b
    inner join (
        select bed_id, is_acute, person_id, from_on from core.bed
    ) as k on b.bed_id = k.bed_id
    inner join core.inpatient_stay as s
        on b.person_id = s.person_id and b.is_acute = s.is_acute
        and k.from_on >= s.admitted_on and k.from_on <= coalesce(s.discharged_on, date '9999-12-31')
),

made_of as (
    select c.claim_key, b.stay_id as encounter_id
    from claim as c
    inner join bed_claim as b on b.bed_id = 'claim ' || cast(c.claim_key as varchar)
    union all
    select c.claim_key, min(s.stay_id) as encounter_id
    from claim as c
    inner join core.snf_stay as s
        on
            c.person_id = s.person_id
            and c.starts_on between s.admitted_on and s.last_known_on
    where c.service_category_2 = 'skilled nursing' and c.claim_type = 'institutional'
    group by c.claim_key
),

in_stay as (
    select c.claim_key, min(s.stay_id) as encounter_id
    from claim as c
    inner join core.inpatient_stay as s
        on
            c.person_id = s.person_id
            and c.starts_on between s.admitted_on and coalesce(s.discharged_on, date '9999-12-31')
    where c.claim_type <> 'institutional'
    group by c.claim_key
),

emergency as (
    select c.claim_key, min(g.visit_id) as encounter_id
    from claim as c
    inner join core.emergency_group as g on g.event_id = 'claim ' || cast(c.claim_key as varchar)
    group by c.claim_key
),

in_nursing as (
    select c.claim_key, min(s.stay_id) as encounter_id
    from claim as c
    inner join core.snf_stay as s
        on c.person_id = s.person_id and c.starts_on between s.admitted_on and s.last_known_on
    where c.claim_type <> 'institutional'
    group by c.claim_key
),

placed as (
    select
        c.*,
        coalesce(
            m.encounter_id,
            e.encounter_id,
            i.encounter_id,
            n.encounter_id,
            c.person_id || ':' || cast(c.starts_on as varchar) || ':' || c.service_category_2
        ) as encounter_id,
        case
            when m.encounter_id is not null or (e.encounter_id is null and coalesce(i.encounter_id, n.encounter_id) is not null)
                then
                    case
                        when coalesce(m.encounter_id, i.encounter_id, n.encounter_id) like '%:snf'
                            then 'skilled nursing stay'
                        else 'inpatient stay'
                    end
            when e.encounter_id is not null then 'emergency visit'
            else c.service_category_2
        end as kind
    from claim as c
    left join made_of as m on c.claim_key = m.claim_key
    left join emergency as e on c.claim_key = e.claim_key
    left join in_stay as i on c.claim_key = i.claim_key
    left join in_nursing as n on c.claim_key = n.claim_key
)

select
    p.encounter_id,
    p.person_id,
    p.kind,
    min(p.starts_on) as starts_on,
    max(p.ends_on) as ends_on,
    count(*) as claims,
    cast(sum(p.paid) as decimal(18, 2)) as paid,
    'claims' as told_by,
    concat_ws(
        ';',
        max(case when p.tags like '%behavioral%' then 'behavioral' end),
        max(case when p.tags like '%hiv%' then 'hiv' end),
        max(case when p.tags like '%minor%' then 'minor' end),
        max(case when p.tags like '%reproductive%' then 'reproductive' end),
        max(case when p.tags like '%safety%' then 'safety' end)
    ) as tags,
    min(p.evidence) as evidence
from placed as p
group by p.encounter_id, p.person_id, p.kind

union all

select
    e.source || ' ' || e.encounter_id as encounter_id,
    e.person_id,
    e.kind,
    e.starts_on,
    e.ends_on,
    0 as claims,
    cast(null as decimal(18, 2)) as paid,
    'records' as told_by,
    e.tags,
    e.evidence
from input.encounter as e
where not e.is_part2
