"""
The order from unprotected facts, observation on ED visits, and a table of providers' names.

Why      Roles that are not shown every fact get an order, places and bands of their own; hospitals and doctors get names.
Rows     Each kept run's scores once (two runs): their unprotected parts are summed and put in order.
Long     About 2 seconds for every 100,000 people and run; nobody but the migration waits.
Worked   `select count(*) from population_score where open_rank = 0` says 0 for the runs that are kept.
Back     Drops the columns and the table; nothing else is lost.

Bands use the site's own numbers where it had set any. Among equals the registry's number stands in for the payer's
identifier until the next run.
"""

from django.db import migrations, models
from django.db.models import CompositePrimaryKey, ForeignKey, Q, deletion

from carewright.population.partitions import CreateModelOfRun

FILL = """
with day as (
    select id as run_id, as_of, cast(as_of - interval '6 months' as date) as from_6,
        cast(as_of - interval '12 months' as date) as from_12,
        coalesce((select s.value ->> 2 from jsonb_array_elements(settings) as s
            where s.value ->> 0 = 'ranking' and s.value ->> 1 = 'high_at_least'), '40')::int as high_at_least,
        coalesce((select s.value ->> 2 from jsonb_array_elements(settings) as s
            where s.value ->> 0 = 'ranking' and s.value ->> 1 = 'rising_at_least'), '22')::int as rising_at_least,
        coalesce((select s.value ->> 2 from jsonb_array_elements(settings) as s
            where s.value ->> 0 = 'ranking' and s.value ->> 1 = 'rising_events'), '2')::int as rising_events
    from population_run
    where is_kept
),
summed as (
    select run_id, patient_id, sum(points) as score from population_scorepart where tags = '{}' group by 1, 2
),
stay as (
    select s.run_id, s.patient_id, count(*) filter (where s.admitted_on > d.from_6) as recent,
        count(*) filter (where s.admitted_on <= d.from_6) as before
    from population_stay as s
    inner join day as d on s.run_id = d.run_id and s.admitted_on > d.from_12 and s.admitted_on <= d.as_of
    where s.is_unplanned and s.tags = '{}'
    group by 1, 2
),
visit as (
    select v.run_id, v.patient_id, count(*) filter (where v.visited_on > d.from_6) as recent,
        count(*) filter (where v.visited_on <= d.from_6) as before
    from population_edvisit as v
    inner join day as d on v.run_id = d.run_id and v.visited_on > d.from_12 and v.visited_on <= d.as_of
    where not v.led_to_stay and v.tags = '{}'
    group by 1, 2
),
counted as (
    select p.run_id, p.patient_id, p.age, coalesce(s.score, 0) as score, coalesce(i.recent, 0) as stays,
        coalesce(v.recent, 0) as visits, coalesce(i.recent, 0) + coalesce(v.recent, 0) as recent,
        coalesce(i.before, 0) + coalesce(v.before, 0) as before, d.high_at_least, d.rising_at_least, d.rising_events
    from population_score as p
    inner join day as d on p.run_id = d.run_id
    left join summed as s on p.run_id = s.run_id and p.patient_id = s.patient_id
    left join stay as i on p.run_id = i.run_id and p.patient_id = i.patient_id
    left join visit as v on p.run_id = v.run_id and p.patient_id = v.patient_id
),
placed as (
    select *, row_number() over (
        partition by run_id order by score desc, stays desc, visits desc, coalesce(age, -1) desc, patient_id
    ) as place
    from counted
)
update population_score as p
set open_score = c.score,
    open_band = case
        when c.score >= c.high_at_least then 'high'
        when c.score >= c.rising_at_least or (c.recent >= c.rising_events and c.recent > c.before) then 'rising'
        else 'steady'
    end,
    open_rank = c.place,
    open_tie_break = c.stays || case when c.stays = 1 then ' stay, ' else ' stays, ' end
        || c.visits || case when c.visits = 1 then ' ED visit' else ' ED visits' end
        || ' in 6 months, age ' || coalesce(c.age::text, 'unknown')
from placed as c
where p.run_id = c.run_id and p.patient_id = c.patient_id
"""


class Migration(migrations.Migration):

    dependencies = [("population", "0004_count_from_indexes")]

    operations = [
        migrations.AddField("edvisit", "observation", models.BooleanField(default=False, help_text="With observation hours.")),
        migrations.AddField(
            "score",
            "open_score",
            models.IntegerField(default=0, help_text="The same four from unprotected facts only."),
        ),
        migrations.AddField("score", "open_band", models.TextField(default="")),
        migrations.AddField("score", "open_rank", models.IntegerField(default=0)),
        migrations.AddField("score", "open_tie_break", models.TextField(default="")),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RemoveIndex("score", "score_open_candidates_by_rank"),
        migrations.AddIndex(
            "score",
            models.Index(fields=["open_rank"], name="score_open_candidates_in_order", condition=~Q(open_programs=[])),
        ),
        migrations.AddIndex("score", models.Index(fields=["open_rank"], name="score_by_open_rank")),
        CreateModelOfRun(
            name="ProviderName",
            fields=[
                (
                    "pk",
                    CompositePrimaryKey("run_id", "npi", blank=True, editable=False, primary_key=True, serialize=False),
                ),
                ("npi", models.TextField(db_collation="C")),
                ("name", models.TextField()),
                (
                    "run",
                    ForeignKey(
                        db_index=False, on_delete=deletion.PROTECT, related_name="+", to="population.run"
                    ),
                ),
            ],
            options={"abstract": False},
        ),
    ]
