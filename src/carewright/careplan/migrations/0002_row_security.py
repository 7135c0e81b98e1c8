"""
The plan goes behind the wall, and so does what it said before.

Why, how and what it locks: see access/migrations/0003_row_security.py.
"""

from django.db import migrations

from carewright.plumbing.row_security import append_only, protect

TABLES = ("problem", "goal", "intervention")


class Migration(migrations.Migration):
    dependencies = [("careplan", "0001_initial"), ("access", "0003_row_security")]
    operations = [
        operation
        for table in TABLES
        for operation in (
            *protect(f"careplan_{table}"),
            *protect(f"careplan_{table}history"),
            *append_only(f"careplan_{table}history"),
        )
    ]
