"""
Row-level security for a table about patients, said once and used by every stage's migrations.

In a migration of the stage that owns the table, after the table exists and with `("access", "0003_row_security")` among
its dependencies:

    operations = [*protect("chart_condition"), *protect("chart_conditionhistory")]

From then on the database itself gives the web's role (`carewright_app`) only the rows of patients that the acting
person has a tie to (`carewright.access.actor`): everyone, when they hold a tie to everyone; otherwise the patients of
the view `access_sight`. The first question is asked once per statement and costs nothing per row; for the second
PostgreSQL chooses between looking up each row and one hash of all patients seen.

Known: `COPY … FROM` is refused by PostgreSQL on a protected table for a role that is bound by policies. Bulk loads run
as a system actor, which keeps the connecting role, and are not bound.
"""

from django.db.migrations import RunSQL

APP_ROLE = "carewright_app"
POLICY = "carewright_sight"


def sight(patient: str, *, or_else: str = "") -> str:
    """The condition under which the acting person may see a row; `patient` is the SQL of the row's patient id."""
    seen = (
        f"(SELECT carewright_sees_everyone()) OR EXISTS (SELECT 1 FROM access_sight s WHERE s.patient_id = {patient})"
    )
    return f"{seen} OR {or_else}" if or_else else seen


def protect(table: str, patient_column: str = "patient_id", *, or_else: str = "") -> list[RunSQL]:
    """
    The migration operations that put a table behind the wall.

    `or_else` is one more SQL condition that opens a row, such as `patient_id IS NULL` for rows about nobody.
    """
    condition = sight(f'"{table}"."{patient_column}"', or_else=or_else)
    return [
        RunSQL(
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;'
            f'CREATE POLICY {POLICY} ON "{table}" FOR ALL TO {APP_ROLE} USING ({condition}) WITH CHECK ({condition});',
            f'DROP POLICY {POLICY} ON "{table}"; ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY;',
        )
    ]


def append_only(*tables: str) -> list[RunSQL]:
    """The migration operations that let the web's role add to tables and read them, and nothing else."""
    return [
        RunSQL(
            f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM {APP_ROLE};',
            f'GRANT UPDATE, DELETE ON "{table}" TO {APP_ROLE};',
        )
        for table in tables
    ]
