"""
What pharmacies billed for each person, product by product, and what the products are called.

Why      Pages show what was filled, beside the lists of medicines that others sent.
Rows     None: runs received before know of none, and the next run brings its own. Pages say so until then.
Long     A moment; nobody waits.
Worked   `select count(*) from population_dispensing` is 0 until the next run is received.
Back     Drops the tables; runs are as they were.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import CompositePrimaryKey, ForeignKey, deletion

from carewright.plumbing.row_security import protect
from carewright.population.partitions import CreateModelOfRun

RUN = ForeignKey(db_index=False, on_delete=deletion.PROTECT, related_name="+", to="population.run")
PRODUCT = models.TextField(db_collation="C", help_text="rxcui:… where RxNorm knows it, else ndc:…")


def key(*columns: str) -> CompositePrimaryKey:
    """The grain of a table, as its primary key."""
    return CompositePrimaryKey(*columns, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):

    dependencies = [("population", "0006_joined_numbers"), ("access", "0003_row_security")]

    operations = [
        CreateModelOfRun(
            name="DispensedProduct",
            fields=[
                ("pk", key("run_id", "product")),
                ("product", PRODUCT),
                ("name", models.TextField(default="", help_text="With strength and form.")),
                ("ingredients", models.TextField(default="", help_text="Joined with |.")),
                ("strengths", models.TextField(default="", help_text="In the order of the ingredients.")),
                ("dose_form", models.TextField(default="")),
                ("brand", models.TextField(default="")),
                ("run", RUN),
            ],
            options={"abstract": False},
        ),
        CreateModelOfRun(
            name="Dispensing",
            fields=[
                ("pk", key("run_id", "patient_id", "product")),
                ("product", PRODUCT),
                ("ndc", models.TextField(db_collation="C", help_text="The number on the latest fill.")),
                (
                    "said",
                    models.TextField(default="", help_text="The product in the words of whoever sent the claim."),
                ),
                ("first_on", models.DateField()),
                ("latest_on", models.DateField()),
                (
                    "days_supply",
                    models.IntegerField(null=True, help_text="Days the latest fill should last; empty is unknown."),
                ),
                (
                    "lasts_to",
                    models.DateField(null=True, help_text="The last day the latest fill covers, if taken as filled."),
                ),
                ("quantity", models.FloatField(null=True)),
                ("prescriber_npi", models.TextField(default="")),
                ("pharmacy_npi", models.TextField(default="")),
                ("days_12", models.IntegerField(help_text="Different days it was filled on in 12 months.")),
                ("filled_on", ArrayField(base_field=models.DateField(), default=list, size=None)),
                ("tags", ArrayField(base_field=models.TextField(), default=list, size=None)),
                ("evidence", models.TextField(default="")),
                (
                    "patient",
                    ForeignKey(
                        db_index=False, on_delete=deletion.PROTECT, related_name="+", to="registry.patient"
                    ),
                ),
                ("run", RUN),
            ],
            options={"abstract": False},
        ),
        *protect("population_dispensing"),
    ]
