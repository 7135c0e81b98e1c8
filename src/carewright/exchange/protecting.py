"""
Declaring a source protected while files are being read: one lock sees that no fact slips between the two.

Taking facts to the chart asks which sources are protected and writes, in one transaction; declaring a source writes the
declaration and closes what the chart has, in another. Each of the first kind holds the lock together with the others of
its kind, each of the second kind alone. So whatever came first is seen by what comes after, whichever it was.
"""

from django.db import connection

from carewright.warehouse import landing

LOCK = 4_202_026
"""Any number that nobody else in this database locks."""
Protected = tuple[frozenset[str], frozenset[str]]
"""Feeds and NPIs protected by 42 CFR Part 2."""


def sources(home: landing.HasLanded) -> Protected:
    """The feeds, and the NPIs, that are declared to be protected by 42 CFR Part 2."""
    declared = landing.part2_sources(home)
    return (
        frozenset(value for kind, value in declared if kind == "feed"),
        frozenset(value for kind, value in declared if kind == "npi"),
    )


def while_taking_to_the_chart() -> None:
    """Wait for whoever is declaring a source, and hold up the next who would, until this transaction ends."""
    _lock("pg_advisory_xact_lock_shared")


def while_declaring() -> None:
    """Wait until nobody is taking facts to the chart, and hold them up until this transaction ends."""
    _lock("pg_advisory_xact_lock")


def _lock(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s)", [LOCK])
