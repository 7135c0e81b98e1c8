"""
The warehouse's numbers of people who have several: which of them all their facts are counted under.

A payer or a hospital knows somebody by a `person_id`. Once two records are one, their person has two of them, and the
warehouse counts the facts of both under one: the kept record's own. Undoing the join gives the other its number back, and
the next run counts them apart again.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count

from carewright.registry.models import Identifier, JoinedRows, Patient

WAREHOUSE = {"system": "person_id", "assigner": ""}
"""The kind of number the warehouse knows people by."""


def numbers_of(patient: Patient) -> set[str]:
    """The warehouse's numbers of one person."""
    return set(Identifier.objects.filter(patient=patient, **WAREHOUSE).values_list("value", flat=True))


def numbers_among(identifiers: Iterable[Identifier]) -> set[str]:
    """The warehouse's numbers among all numbers of one person."""
    return {
        one.value for one in identifiers if one.system == WAREHOUSE["system"] and one.assigner == WAREHOUSE["assigner"]
    }


def joined_numbers() -> list[tuple[str, str]]:
    """
    Every number that is counted as another, with that other: `(person_id, counted as)`.

    Counted as is the number the kept record had of its own, the earliest known where it had several; a number that came
    with a join never is, as long as there is another.
    """
    several = Identifier.objects.filter(**WAREHOUSE).values("patient").annotate(n=Count("pk")).filter(n__gt=1)
    rows = Identifier.objects.filter(patient__in=several.values("patient"), **WAREHOUSE).order_by("pk")
    by_patient: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for pk, patient, value in rows.values_list("pk", "patient", "value"):
        by_patient[patient].append((pk, value))
    came = _came_by_a_join() if by_patient else set()
    found = []
    for numbers in by_patient.values():
        own = [value for pk, value in numbers if str(pk) not in came]
        counted_as = (own or [value for _, value in numbers])[0]
        found += [(value, counted_as) for _, value in numbers if value != counted_as]
    return sorted(found)


def _came_by_a_join() -> set[str]:
    """The keys of identifiers that a join which stands has moved."""
    rows = JoinedRows.objects.filter(
        join__undone_at__isnull=True, table=Identifier._meta.label, column="patient", whose=JoinedRows.Whose.MOVED
    )
    return {key for keys in rows.values_list("keys", flat=True) for key in keys}
