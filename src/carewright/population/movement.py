"""What changed since the run before, and why: two runs compared line by line, in one statement each."""

from carewright.population.models import Run

LISTS = """
insert into "{part}" (run_id, patient_id, program, change, seen, reasons)
with judged as (
    select run_id, patient_id, program, seen.seen,
        case when seen.seen = 'all' then verdict else open_verdict end as verdict
    from population_eligibility
    cross join (values ('all'), ('open')) as seen (seen)
    where run_id in (%(new)s, %(old)s)
),
pair as (
    select
        coalesce(n.patient_id, o.patient_id) as patient_id,
        coalesce(n.program, o.program) as program,
        coalesce(n.seen, o.seen) as seen,
        o.verdict as was,
        n.verdict as is_now
    from (select * from judged where run_id = %(new)s) as n
    full outer join (select * from judged where run_id = %(old)s) as o
        on n.patient_id = o.patient_id and n.program = o.program and n.seen = o.seen
),
changed as (
    select *, case when is_now = 'yes' then 'entered' else 'left' end as change
    from pair
    where (coalesce(was, '') = 'yes') <> (coalesce(is_now, '') = 'yes')
),
line as (
    select run_id, patient_id, program, code, position, label, seen.seen,
        case when seen.seen = 'all' then verdict else coalesce(open_verdict, verdict) end as verdict,
        case when seen.seen = 'all' then text else coalesce(open_text, text) end as text
    from population_criterion
    cross join (values ('all'), ('open')) as seen (seen)
    where run_id in (%(new)s, %(old)s)
        and patient_id in (select patient_id from changed)
),
reason as (
    select c.patient_id, c.program, c.change, c.seen, n.position, n.program = 'every_program' as is_shared,
        case when n.program = 'every_program' then '' else n.label || ': ' end || n.text || ' Before: ' || o.text as said
    from changed as c
    inner join line as n on n.run_id = %(new)s and n.patient_id = c.patient_id and n.seen = c.seen
        and n.program in (c.program, 'every_program')
    inner join line as o on o.run_id = %(old)s and o.patient_id = c.patient_id and o.seen = c.seen
        and o.program = n.program and o.code = n.code
    where n.verdict <> o.verdict
)
select %(new)s, c.patient_id, c.program, c.change, c.seen,
    coalesce(
        array_agg(r.said order by r.is_shared desc, r.position) filter (where r.said is not null),
        array[case when c.was is null then 'New in the data since the last run.'
            when c.is_now is null then 'No longer in the data.'
            else 'A number of the program was changed.' end]
    )
from changed as c
left join reason as r
    on r.patient_id = c.patient_id and r.program = c.program and r.change = c.change and r.seen = c.seen
group by c.patient_id, c.program, c.change, c.seen, c.was, c.is_now
"""

BANDS = """
insert into "{part}" (run_id, patient_id, program, change, seen, reasons)
with standing as (
    select run_id, patient_id, 'all' as seen, score, band from population_score where run_id in (%(new)s, %(old)s)
    union all
    select run_id, patient_id, 'open', open_score, open_band from population_score
    where run_id in (%(new)s, %(old)s) and open_band <> ''
),
moved as (
    select n.patient_id, n.seen, o.band as was, n.band as is_now, o.score as score_was, n.score as score_now,
        case when array_position(array['steady', 'rising', 'high'], n.band)
            > array_position(array['steady', 'rising', 'high'], o.band) then 'rose' else 'fell' end as change
    from (select * from standing where run_id = %(new)s) as n
    inner join (select * from standing where run_id = %(old)s) as o on o.patient_id = n.patient_id and o.seen = n.seen
    where n.band <> o.band
),
part as (
    select run_id, patient_id, code, label, points, tags
    from population_scorepart
    where run_id in (%(new)s, %(old)s) and patient_id in (select patient_id from moved)
),
difference as (
    select
        coalesce(n.patient_id, o.patient_id) as patient_id,
        coalesce(n.label, o.label) as label,
        coalesce(n.points, 0) - coalesce(o.points, 0) as points,
        cardinality(coalesce(n.tags, o.tags)) > 0 as is_protected
    from (select * from part where run_id = %(new)s) as n
    full outer join (select * from part where run_id = %(old)s) as o
        on n.patient_id = o.patient_id and n.code = o.code
    where coalesce(n.points, 0) <> coalesce(o.points, 0)
),
told as (
    select d.patient_id, s.seen, d.label, sum(d.points) as points
    from difference as d
    inner join (values ('all'), ('open')) as s (seen) on s.seen = 'all' or not d.is_protected
    group by d.patient_id, s.seen, d.label
),
placed as (
    select *, row_number() over (partition by patient_id, seen order by abs(points) desc, label) as place
    from told
    where points <> 0
)
select %(new)s, m.patient_id, '', m.change, m.seen,
    array['From ' || m.was || ' (' || m.score_was || ') to ' || m.is_now || ' (' || m.score_now || ').']
    || coalesce(
        array_agg(p.label || case when p.points > 0 then ' +' else ' −' end || abs(p.points) order by p.place)
            filter (where p.place <= 3),
        array[]::text[]
    )
from moved as m
left join placed as p on p.patient_id = m.patient_id and p.seen = m.seen
group by m.patient_id, m.change, m.seen, m.was, m.is_now, m.score_was, m.score_now
"""


def fill(cursor, part: str, *, run: Run, before: Run | None) -> int:
    """
    Write the movements of `run` against `before` into its part; answers how many rows.

    The first run has none, and none has one after a run that was closed: its words would tell what is protected now.
    """
    if before is None or not before.is_kept or before.closed_at is not None:
        return 0
    given = {"new": run.pk, "old": before.pk}
    rows = 0
    for statement in (LISTS, BANDS):
        cursor.execute(statement.replace("{part}", part), given)
        rows += cursor.rowcount
    return rows
