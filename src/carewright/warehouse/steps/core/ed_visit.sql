-- Emergency department visits: every claim and record of one visit put together, and whether it led to a stay.
--
-- grain: visit_id
-- visit_id             person, day and facility, or the stay it led to
-- person_id            the person
-- visited_on           first day
-- ended_on             last day
-- facility_npi         the facility; where nothing names one, that of the stay it led to
-- facility             its name
-- principal_diagnosis  ICD-10-CM, no dot, from the facility's claim, else from the first
-- led_to_stay          admitted the same or the next day, or already in: counted once, as the stay
-- stay_id              that stay
-- observation          with observation hours
-- told_by              claims, or records when no claim tells of it
-- claim_ids            the payer's claim numbers, joined with ';'
-- paid                 paid on its claims, the admission's own left out
-- tags                 sensitivity tags, sorted
-- evidence             landed rows joined with ';'

with placed as (
    select
        g.visit_id,
        g.stay_id,
        e.*,
        row_number() over (
            partition by g.visit_id
            order by
                case e.told_by when 'facility' then 1 when 'record' then 2 when 'professional' then 3 else 4 end,
                e.from_on, e.thru_on, e.evidence
        ) as place
    from core.emergency_group as g
    inner join core.emergency_event as e on g.event_id = e.event_id
),

visit as (
    select
        p.visit_id,
        p.person_id,
        p.stay_id,
        min(p.from_on) as visited_on,
        max(p.thru_on) as ended_on,
        coalesce(max(case when p.place = 1 then p.facility_npi end), max(p.facility_npi)) as facility_npi,
        coalesce(max(case when p.place = 1 then p.facility end), max(p.facility)) as facility,
        max(case when p.place = 1 then p.principal_diagnosis end) as principal_diagnosis,
        bool_or(p.is_observation) as observation,
        max(case when p.told_by = 'record' then 0 else 1 end) as is_claimed,
        string_agg(p.claim_id, ';' order by p.from_on, p.claim_id) as claim_ids,
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
    group by p.visit_id, p.person_id, p.stay_id
)

select
    v.visit_id,
    v.person_id,
    v.visited_on,
    v.ended_on,
    coalesce(v.facility_npi, s.facility_npi) as facility_npi,
    coalesce(n.name, v.facility, case when v.facility_npi is null then s.facility end) as facility,
    v.principal_diagnosis,
    v.stay_id is not null as led_to_stay,
    v.stay_id,
    v.observation,
    case when v.is_claimed = 1 then 'claims' else 'records' end as told_by,
    v.claim_ids,
    v.paid,
    v.tags,
    v.evidence
from visit as v
left join core.provider as n on v.facility_npi = n.npi
left join core.inpatient_stay as s on v.stay_id = s.stay_id
