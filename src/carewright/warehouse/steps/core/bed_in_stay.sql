-- Which beds belong to the same stay.
--
-- Read in order of admission, a bed carries on the stay before it when it begins on or before the last day so far. One
-- that begins on the next day carries it on when a bed ending the day before was left for it: for another facility, by a
-- discharge status that says another hospital, or by a bill that says still a patient. Anything else is a new stay.
-- Acute beds and others never join.
--
-- grain: bed_id
-- bed_id       the claim or record
-- person_id    the person
-- is_acute     acute beds are joined with acute beds
-- stay_number  which of the person's stays, by order of admission
-- place        place of the bed in its stay, from the first
-- place_back   place of the bed in its stay, from the last

with linked as (
    select distinct b.person_id, b.is_acute, b.from_on
    from core.bed as b
    inner join core.bed as a
        on
            b.person_id = a.person_id
            and b.is_acute = a.is_acute
            and b.from_on = a.thru_on + 1
    where a.is_still_in or a.is_transferred or a.facility_npi <> b.facility_npi
),

marked as (
    select
        b.*,
        case
            when b.from_on <= max(b.thru_on) over (
                partition by b.person_id, b.is_acute
                order by b.from_on, b.thru_on, b.evidence, b.bed_id
                rows between unbounded preceding and 1 preceding
            ) then 0
            when l.person_id is not null then 0
            else 1
        end as starts_anew
    from core.bed as b
    left join linked as l on b.person_id = l.person_id and b.is_acute = l.is_acute and b.from_on = l.from_on
),

numbered as (
    select
        m.*,
        sum(m.starts_anew) over (
            partition by m.person_id, m.is_acute
            order by m.from_on, m.thru_on, m.evidence, m.bed_id
            rows between unbounded preceding and current row
        ) as stay_number
    from marked as m
)

select
    bed_id,
    person_id,
    is_acute,
    cast(stay_number as integer) as stay_number,
    row_number() over (
        partition by person_id, is_acute, stay_number order by from_on, thru_on, evidence, bed_id
    ) as place,
    row_number() over (
        partition by person_id, is_acute, stay_number
        order by thru_on desc, is_still_in, from_on desc, evidence desc, bed_id desc
    ) as place_back
from numbered
