-- All-cause readmissions: an acute stay that began 1 to 30 days after an acute discharge of the same person.
--
-- Whether a readmission was planned is not judged yet (the planned readmission algorithm comes later).
--
-- grain: index_stay_id
-- index_stay_id        the stay the person had left
-- person_id            the person
-- discharged_on        the day they left
-- readmission_stay_id  the stay they came back to: the first one
-- readmitted_on        the day they came back
-- days                 days between, 1 to 30
-- planned              null: not judged yet
-- is_index             whether the 30 days after discharge are over and covered, as rates need
-- is_unplanned         whether the stay they came back to was unplanned (see core.inpatient_stay)
-- tags                 sensitivity tags of both stays, sorted
-- evidence             landed rows of both stays joined with ';'

with pair as (
    select
        i.stay_id as index_stay_id,
        i.person_id,
        i.discharged_on,
        i.is_index,
        s.stay_id as readmission_stay_id,
        s.admitted_on as readmitted_on,
        s.is_unplanned,
        date_diff('day', i.discharged_on, s.admitted_on) as days,
        a.tags || ';' || s.tags as both_tags,
        a.evidence || ';' || s.evidence as evidence,
        row_number() over (partition by i.stay_id order by s.admitted_on, s.stay_id) as place
    from marts.index_discharge as i
    inner join core.inpatient_stay as a on i.stay_id = a.stay_id
    inner join core.inpatient_stay as s
        on
            i.person_id = s.person_id
            and s.is_acute
            and s.admitted_on > i.discharged_on
            and s.admitted_on <= i.discharged_on + 30
    where i.is_candidate
)

select
    index_stay_id,
    person_id,
    discharged_on,
    readmission_stay_id,
    readmitted_on,
    days,
    cast(null as boolean) as planned,
    is_index,
    is_unplanned,
    concat_ws(
        ';',
        case when both_tags like '%behavioral%' then 'behavioral' end,
        case when both_tags like '%hiv%' then 'hiv' end,
        case when both_tags like '%minor%' then 'minor' end,
        case when both_tags like '%reproductive%' then 'reproductive' end,
        case when both_tags like '%safety%' then 'safety' end
    ) as tags,
    evidence
from pair
where place = 1
