"""
Which numbers of the warehouse a run counted as one person's.

Why      Two records that are one person are counted together, and a page can say whether the run at hand does so yet.
Rows     None: runs received before know of none, and the next run brings its own.
Long     A moment; nobody waits.
Worked   `select count(*) from population_joinednumber` is 0 until the next run is received.
Back     Drops the table; runs are as they were.
"""

from django.db import migrations, models
from django.db.models import CompositePrimaryKey, ForeignKey, deletion

from carewright.plumbing.row_security import protect
from carewright.population.partitions import CreateModelOfRun


class Migration(migrations.Migration):

    dependencies = [("population", "0005_open_order_and_names"), ("access", "0003_row_security")]

    operations = [
        CreateModelOfRun(
            name="JoinedNumber",
            fields=[
                (
                    "pk",
                    CompositePrimaryKey(
                        "run_id", "patient_id", "number",
                        blank=True, editable=False, primary_key=True, serialize=False,
                    ),
                ),
                ("number", models.TextField(db_collation="C", help_text="As the payer or the source sends it.")),
                (
                    "counted_as",
                    models.TextField(
                        db_collation="C", help_text="The number all facts of the person are counted under."
                    ),
                ),
                (
                    "patient",
                    ForeignKey(
                        db_index=False, on_delete=deletion.PROTECT, related_name="+", to="registry.patient"
                    ),
                ),
                (
                    "run",
                    ForeignKey(
                        db_index=False, on_delete=deletion.PROTECT, related_name="+", to="population.run"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["number"], name="joined_number_number"),
                    models.Index(fields=["counted_as"], name="joined_number_counted_as"),
                ],
            },
        ),
        *protect("population_joinednumber"),
    ]
