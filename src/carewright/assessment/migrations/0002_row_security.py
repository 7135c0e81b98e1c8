"""
Assessments go behind the wall: the database shows the web's role only rows of patients the acting person may see.

Why, how and what it locks: see access/migrations/0003_row_security.py. The histories may only be added to.
"""

from django.db import migrations

from carewright.plumbing.row_security import append_only, protect

TABLES = (
    "assessment_assessment", "assessment_assessmenthistory", "assessment_section", "assessment_sectionhistory",
    "assessment_answer", "assessment_addendum", "assessment_recordedfact", "assessment_scoreresult",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("assessment", "0001_initial"), ("access", "0003_row_security")]
    operations = [
        *append_only("assessment_assessmenthistory", "assessment_sectionhistory"),
        *[operation for table in TABLES for operation in protect(table)],
    ]
