-- Skilled nursing stays: the monthly bills of one stay put together.
--
-- Bill types 21x (inpatient), 18x and 28x (swing bed). A bill that begins on or before the day after the last one carries
-- the stay on.
--
-- grain: stay_id
-- stay_id           person and first day
-- person_id         the person
-- admitted_on       first day
-- discharged_on     last day; null while the last bill, of at most 60 days ago, says still a patient
-- last_known_on     last billed day
-- discharge_status  where the person went (NUBC), from the last bill
-- facility_npi      the facility of the last bill
-- facility          its name
-- claim_ids         the payer's claim numbers, joined with ';'
-- paid              paid on its claims
-- tags              sensitivity tags, sorted
-- evidence          landed rows joined with ';'

with bill as (
    select
        c.claim_key,
        c.person_id,
        case when c.admitted_on <= c.starts_on then c.admitted_on else c.starts_on end as from_on,
        least(coalesce(case when c.discharged_on >= c.starts_on then c.discharged_on end, c.ends_on), r.as_of) as thru_on,
        coalesce(c.discharge_status = '30', false) or (c.discharge_status is null and c.is_interim) as is_still_in,
        c.discharge_status,
        c.facility_npi,
        c.claim_id,
        c.paid,
        c.tags,
        c.evidence
    from core.claim as c
    cross join knowledge.run as r
    where c.claim_kind = 'SNF' and c.tags not like '%part2%'
),

marked as (
    select
        b.*,
        case
            when b.from_on <= max(b.thru_on) over (
                partition by b.person_id
                order by b.from_on, b.thru_on, b.evidence
                rows between unbounded preceding and 1 preceding
            ) + 1 then 0
            else 1
        end as starts_anew
    from bill as b
),

numbered as (
    select
        m.*,
        sum(m.starts_anew) over (
            partition by m.person_id
            order by m.from_on, m.thru_on, m.evidence
            rows between unbounded preceding and current row
        ) as stay_number
    from marked as m
),

placed as (
    select
        n.*,
        row_number() over (
            partition by n.person_id, n.stay_number
            order by n.thru_on desc, n.is_still_in, n.from_on desc, n.evidence desc
        ) as place_back
    from numbered as n
),

stay as (
    select
        p.person_id,
        min(p.from_on) as admitted_on,
        max(p.thru_on) as last_known_on,
        max(case when p.place_back = 1 and p.is_still_in then 1 else 0 end) as still_in,
        max(case when p.place_back = 1 then p.discharge_status end) as discharge_status,
        max(case when p.place_back = 1 then p.facility_npi end) as facility_npi,
        string_agg(p.claim_id, ';' order by p.from_on, p.thru_on, p.claim_id) as claim_ids,
        cast(sum(p.paid) as decimal(18, 2)) as paid,
        concat_ws(
            ';',
            max(case when p.tags like '%behavioral%' then 'behavioral' end),
            max(case when p.tags like '%hiv%' then 'hiv' end),
            max(case when p.tags like '%minor%' then 'minor' end),
            max(case when p.tags like '%reproductive%' then 'reproductive' end),
            max(case when p.tags like '%safety%' then 'safety' end)
        ) as tags,
        string_agg(distinct p.evidence, ';' order by p.evidence) as evidence
    from placed as p
    group by p.person_id, p.stay_number
)

select
    s.person_id || ':' || cast(s.admitted_on as varchar) || ':snf' as stay_id,
    s.person_id,
    s.admitted_on,
    case when s.still_in = 0 or date_diff('day', s.last_known_on, r.as_of) > 60 then s.last_known_on end as discharged_on,
    s.last_known_on,
    s.discharge_status,
    s.facility_npi,
    p.name as facility,
    s.claim_ids,
    s.paid,
    s.tags,
    s.evidence
from stay as s
cross join knowledge.run as r
left join core.provider as p on s.facility_npi = p.npi
