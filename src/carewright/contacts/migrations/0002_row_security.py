"""
Contacts, minutes and notes go behind the wall; a private note stands behind a second one.

Why      Whoever sees the patient sees their contacts and team notes. A private note is its author's alone, and a view
         that forgets so must still find a wall: a restrictive policy narrows what the first policy opens.
Locks    A moment's exclusive lock on each table, no scan.
Back     Drops the policies.
"""

from django.db import migrations

from carewright.plumbing.row_security import APP_ROLE, append_only, protect

AUTHOR = "level <> 'private' OR written_by_id = (SELECT carewright_actor_id())"


def only_the_author(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f'CREATE POLICY contacts_private ON "{table}" AS RESTRICTIVE FOR ALL TO {APP_ROLE} '
        f"USING ({AUTHOR}) WITH CHECK ({AUTHOR});",
        f'DROP POLICY contacts_private ON "{table}";',
    )


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial"), ("access", "0003_row_security")]
    operations = [
        *protect("contacts_contact"),
        *protect("contacts_minutesentry"),
        *protect("contacts_minutesentryhistory"),
        *protect("contacts_note"),
        *protect("contacts_notehistory"),
        only_the_author("contacts_note"),
        only_the_author("contacts_notehistory"),
        *append_only("contacts_minutesentryhistory", "contacts_notehistory"),
    ]
