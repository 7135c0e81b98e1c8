"""What somebody does to the access log who owns the database and switches its triggers off."""

from django.db import connection

TABLES = ("audit_entry", "audit_seal", "audit_sealedentry")


def behind_our_back(statement: str, values=None) -> None:
    """Run a statement that the log's triggers would refuse; needs the owner of the tables, no more."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(statement, values)
        for table in TABLES:
            cursor.execute(f"alter table {table} enable trigger user")
