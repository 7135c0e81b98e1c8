"""
Enrollment goes behind the wall: the database shows the web's role only rows of patients the acting person may see.

Why      A view that forgets the guard still finds row-level security.
Nobody's A referral is about nobody we know until somebody says who it is; such rows are open to whoever is signed in,
         and the pages ask for the right to triage. Somebody not signed in sees none: the public forms write as a system
         actor and read nothing back.
Rows     None are read or changed; a moment's exclusive lock on each table.
Back     Drops the policies.
"""

from django.db import migrations

from carewright.plumbing.row_security import append_only, protect

TABLES = (
    "enrollment_outreachepisode", "enrollment_outreachepisodehistory", "enrollment_consent",
    "enrollment_consenthistory", "enrollment_sharingconsent", "enrollment_sharingconsenthistory",
    "enrollment_disclosure", "enrollment_enrollment", "enrollment_enrollmenthistory", "enrollment_pause",
    "enrollment_pausehistory", "enrollment_deathreport", "enrollment_deathreporthistory", "enrollment_caseloadrow",
)  # fmt: skip
NOBODYS = ("enrollment_triageitem", "enrollment_triageitemhistory", "enrollment_incomingreferral")
HISTORIES = (
    "enrollment_triageitemhistory", "enrollment_referrallinkhistory", "enrollment_outreachepisodehistory",
    "enrollment_consenthistory", "enrollment_sharingconsenthistory", "enrollment_enrollmenthistory",
    "enrollment_pausehistory", "enrollment_deathreporthistory", "enrollment_licencehistory",
    "enrollment_leadprofilehistory",
)  # fmt: skip
SIGNED_IN = "(patient_id IS NULL AND (SELECT carewright_actor_id()) IS NOT NULL)"


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0001_initial"), ("access", "0003_row_security")]
    operations = [
        *append_only(*HISTORIES),
        *[operation for table in TABLES for operation in protect(table)],
        *[operation for table in NOBODYS for operation in protect(table, or_else=SIGNED_IN)],
    ]
