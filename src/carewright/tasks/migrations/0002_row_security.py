"""
Tasks, alarms and pagings go behind the wall; so does what they were before.

Why, how and what it locks: see access/migrations/0003_row_security.py. A task about nobody (a text from an unknown
number) is open to all staff. Shifts are about colleagues and stay open.
"""

from django.db import migrations

from carewright.plumbing.row_security import append_only, protect

NOBODY = "patient_id IS NULL"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_initial"), ("access", "0003_row_security")]
    operations = [
        *protect("tasks_task", or_else=NOBODY),
        *protect("tasks_taskhistory", or_else=NOBODY),
        *protect("tasks_alarm"),
        *protect("tasks_alarmhistory"),
        *protect("tasks_paging"),
        *append_only("tasks_taskhistory", "tasks_alarmhistory", "tasks_oncallshifthistory"),
    ]
