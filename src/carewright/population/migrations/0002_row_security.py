"""
Put every table about patients behind the wall.

Why      A view that forgets the guard still finds row-level security.
Rows     None are read or changed; a moment's exclusive lock on each table.
Back     Drops the policies.
"""

from django.db import migrations

from carewright.plumbing.row_security import protect

TABLES = (
    "attributedprovider", "candidate", "candidatedecision", "chroniccondition", "comorbidity", "criterion", "edvisit",
    "eligibility", "hccpart", "hccscore", "movement", "neighborhood", "readmission", "score", "scorepart", "socialneed",
    "spendingmonth", "stay", "utilization",
)  # fmt: skip


class Migration(migrations.Migration):

    dependencies = [("population", "0001_initial"), ("access", "0003_row_security")]

    operations = [operation for table in TABLES for operation in protect(f"population_{table}")]
