"""
Hand the licences of the people who work here to the staff room, with their history: closing a safety alarm asks for them
too, and that stands below enrollment.

Rows     None are changed: both tables get another name, and the triggers that name them are made anew by staff's 0003.
Time     Under a second; a moment's exclusive lock on each table.
Back     Names them back.
"""

import pgtrigger.migrations
from django.db import migrations

NAMES = (("enrollment_licence", "staff_licence"), ("enrollment_licencehistory", "staff_licencehistory"))


class Migration(migrations.Migration):

    dependencies = [
        ("enrollment", "0005_moving_patients"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="licence", name="changed_update"),
        pgtrigger.migrations.RemoveTrigger(model_name="licence", name="removed_delete"),
        pgtrigger.migrations.RemoveTrigger(model_name="licencehistory", name="append_only"),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(f"ALTER TABLE {old} RENAME TO {new}", f"ALTER TABLE {new} RENAME TO {old}")
                for old, new in NAMES
            ],
            state_operations=[
                migrations.RemoveField(model_name="licencehistory", name="pgh_obj"),
                migrations.RemoveField(model_name="licencehistory", name="user"),
                migrations.DeleteModel(name="Licence"),
                migrations.DeleteModel(name="LicenceHistory"),
            ],
        ),
    ]
