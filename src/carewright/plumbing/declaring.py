"""
Declaring a source protected while others use what it said: one lock sees that nothing slips between the two.

Whoever takes facts to the chart, or publishes a run, asks which sources are protected and writes, in one transaction;
declaring a source writes the declaration and closes what stands already, in another. Each of the first kind holds the
lock together with the others of its kind, each of the second kind alone. So whatever came first is seen by what comes
after, whichever it was.
"""

from django.db import connection

LOCK = 4_202_026
"""Any number that nobody else in this database locks."""


def while_using() -> None:
    """Wait for whoever is declaring a source, and hold up the next who would, until this transaction ends."""
    _lock("pg_advisory_xact_lock_shared")


def while_declaring() -> None:
    """Wait until nobody is using what sources said, and hold them up until this transaction ends."""
    _lock("pg_advisory_xact_lock")


def _lock(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s)", [LOCK])
