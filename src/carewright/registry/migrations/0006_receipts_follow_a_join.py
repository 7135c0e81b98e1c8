"""
What may only be added to still follows its patient when two records are joined.

Why      The web's role may not change receipts of messages, and joining two records re-points every row that names a
         patient. Without this a person to whom a message was ever sent could not be joined.
What     The one column that names the patient may be written; everything else of the table stays append-only.
Locks    None worth naming.
Back     Takes the permission back.
"""

from django.db import migrations

TABLES = ("channel_receipt",)


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_people_wall"), ("channel", "0002_row_security")]
    operations = [
        migrations.RunSQL(
            f'GRANT UPDATE (patient_id) ON "{table}" TO carewright_app;',
            f'REVOKE UPDATE (patient_id) ON "{table}" FROM carewright_app;',
        )
        for table in TABLES
    ]
