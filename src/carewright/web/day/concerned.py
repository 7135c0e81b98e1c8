"""
Whom it concerns: from what the database tells when something is committed to the people whose My Day may differ.

The triggers (`web/migrations/0003_tell_my_day.py`) tell numbers: `user:12`, `team:3`, `alarm:77`. A team stands for who
belongs to it today, an alarm for whoever has it on their list.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.staff import clock
from carewright.staff.models import Membership
from carewright.web.day import worklist


def whom(words: Iterable[str]) -> set[int]:
    """The people whom some words concern, asked in a thread of its own between two requests."""
    try:
        clock.set_clock()
        return people(words, at=timezone.now())
    finally:
        connection.close()


def people(words: Iterable[str], *, at: datetime) -> set[int]:
    """The numbers of the people whom these words concern."""
    named: dict[str, set[int]] = {"user": set(), "team": set(), "alarm": set()}
    for word in words:
        kind, _, number = word.partition(":")
        if kind in named and number.isdigit():
            named[kind].add(int(number))
    found = named["user"]
    if named["team"] or named["alarm"]:
        with acting_as("system:my-day"):
            members = Membership.objects.on(timezone.localdate(at)).filter(team__in=named["team"])
            found |= set(members.values_list("user", flat=True)) if named["team"] else set()
            found |= worklist.who_has(named["alarm"], at=at) if named["alarm"] else set()
    return found
