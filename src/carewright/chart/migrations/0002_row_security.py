"""
The chart goes behind the wall: the database shows the web's role only facts about patients the acting person may see.

Why, how and what it locks: see access/migrations/0003_row_security.py. Works: `SELECT relrowsecurity FROM pg_class
WHERE relname LIKE 'chart_%'` answers true for every table of the chart.
"""

from django.db import migrations

from carewright.plumbing.row_security import protect

TABLES = (
    "chart_allergy", "chart_appointment", "chart_condition", "chart_document", "chart_encounter",
    "chart_immunization", "chart_medicationlisting", "chart_observation", "chart_outsidecareplan",
    "chart_outsidegoal", "chart_outsideteammember", "chart_procedure", "chart_serviceorder",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("chart", "0001_initial"), ("access", "0003_row_security")]
    operations = [operation for table in TABLES for operation in protect(table)]
