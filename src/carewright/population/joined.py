"""
Whether a run counted somebody's facts whole, and theirs alone: joins and their undoing count from the next run on.

A run says which numbers of the warehouse it counted as one person's (`JoinedNumber`). Records that were joined, or
separated, since then are counted as they were before, and a page says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from carewright.access.actor import acting_as
from carewright.population.models import JoinedNumber, Run
from carewright.registry import numbers
from carewright.registry.models import Identifier, Join, Patient


@dataclass(frozen=True)
class Counted:
    """What is wrong with how a run counted one person; true in tests when anything is."""

    not_yet: bool = False
    """Facts of a record that was joined into this one are not counted yet."""

    with_another: bool = False
    """Facts of a record that was separated from this one are counted together with this one's."""

    def __bool__(self) -> bool:
        return self.not_yet or self.with_another


def how_counted(run: Run | None, patient: Patient, *, identifiers: Iterable[Identifier] | None = None) -> Counted:
    """
    Whether the facts of all records of this person, and of no other, stand together in this run.

    Asked by the house: the other record of an undone join may be one the reader has no tie to. Only yes or no comes
    back. A page that has read all numbers of the patient hands them in. Most runs joined nobody, and say so themselves.
    """
    if run is None:
        return Counted()
    theirs = numbers.numbers_of(patient) if identifiers is None else numbers.numbers_among(identifiers)
    if run.rows.get("joined_number") == 0:
        return Counted(not_yet=len(theirs) > 1)
    with acting_as("system:matching"):
        rows = JoinedNumber.objects.filter(run=run).filter(Q(number__in=theirs) | Q(counted_as__in=theirs))
        counted_as = dict(rows.values_list("number", "counted_as"))
    together = {counted_as.get(number, number) for number in theirs}
    named = set(counted_as) | set(counted_as.values())
    return Counted(not_yet=len(together) > 1, with_another=bool(named - theirs))


def joined_since(run: Run, patients: Iterable[int]) -> set[int]:
    """Of these people, those into whose record another was joined since the run: its facts are not counted yet."""
    found = Join.objects.standing().filter(patient__in=list(patients), joined_at__gt=run.received_at)
    return set(found.order_by().values_list("patient", flat=True))
