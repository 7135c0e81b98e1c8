"""What others told us: conditions, results and medicines, each with its source and its day. Read only."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from carewright.chart.models import Condition, MedicationListing, Observation
from carewright.knowledge import medicines as known
from carewright.population.models import ChronicCondition, Run
from carewright.population.wording import translated
from carewright.web.patient.sight import Sight

CONDITIONS, RESULTS, MEDICINES = 12, 8, 8
OVER = ("inactive", "resolved", "remission")
WRONG = ("refuted", "entered-in-error")
NOT_TAKEN = ("stopped", "cancelled", "entered-in-error", "not-taken", "completed", "on-hold", "declined", "draft")
HANDED_OUT_DAYS = 730
"""How long a medicine that a pharmacy handed out is shown: as long as its bill would be."""
TESTS = ("laboratory", "vital-signs")


@dataclass(frozen=True)
class Held:
    """A condition by one name: who says so, since when, and the latest word of it."""

    name: str
    source: str
    since: date | None
    latest: date | None
    from_claims: bool = False


def conditions(sight: Sight, run: Run | None) -> list[Held]:
    """Conditions on file by name, those of the record before those that only claims show."""
    found = _recorded(sight) if sight.has(Condition) else {}
    if run is not None:
        chronic = sight.facts(ChronicCondition.objects.filter(run=run, scheme="ccw30"))
        for row in chronic.order_by("-latest_on", "label"):
            found.setdefault(
                row.label.lower(), Held(translated(row.label), _("claims"), row.first_on, row.latest_on, True)
            )
    return list(found.values())


def _recorded(sight: Sight) -> dict[str, Held]:
    rows = sight.facts(Condition.objects.all()).exclude(status__in=OVER).exclude(verification_status__in=WRONG)
    rows = rows.exclude(name="").filter(abated_on__isnull=True)
    found: dict[str, Held] = {}
    for row in rows.order_by("-received_on", "-pk")[:400]:
        key, since = row.name.lower(), row.onset_on or row.recorded_on
        earlier = found.get(key)
        found[key] = Held(
            row.name,
            earlier.source if earlier else row.source,
            min(filter(None, (since, earlier.since if earlier else None)), default=None),
            earlier.latest if earlier else row.recorded_on or row.received_on,
        )
    return found


def results(sight: Sight, *, most: int = RESULTS) -> list[Observation]:
    """The latest of each laboratory test and vital sign, newest first."""
    if not sight.has(Observation):
        return []
    rows = sight.facts(Observation.objects.filter(category__in=TESTS)).exclude(
        status__in=("entered-in-error", "cancelled")
    )
    rows = rows.exclude(value="", value_number__isnull=True)
    latest = rows.order_by("code", "name", "-observed_on", "-pk").distinct("code", "name")
    return sorted(latest, key=lambda row: (row.observed_on or date.min, row.name), reverse=True)[:most]


@dataclass(frozen=True)
class Medicine:
    """One medicine on one list: whose list, how it is taken, which day it was last said."""

    name: str
    how: str
    kind: str
    source: str
    day: date | None
    status: str


def tells(row: MedicationListing, hidden: frozenset[str]) -> bool:
    """
    Whether a medicine by itself tells what is closed to a reader, whatever tags its source sent with it.

    Asked of rows as they are read, so that those which came before medicines carried tags are judged too.
    """
    closed = hidden & known.every_tag()
    return bool(closed) and not closed.isdisjoint(known.tags_as_listed(row.ndc, row.name))


def not_over(rows: QuerySet[MedicationListing], *, on: date) -> QuerySet[MedicationListing]:
    """
    Medicines that nothing says are over.

    A list that ended is over; a medicine at the counter is "completed" by being handed out, so that says nothing of it.
    """
    dispensed = MedicationListing.Kind.DISPENSED
    handed_out = Q(kind=dispensed, status="completed", dispensed_on__gte=on - timedelta(days=HANDED_OUT_DAYS))
    rows = rows.filter(handed_out | ~Q(status__in=NOT_TAKEN)).exclude(kind=MedicationListing.Kind.ADMINISTERED)
    return rows.exclude(name="").filter(Q(ended_on__isnull=True) | Q(ended_on__gte=on))


def medicines(sight: Sight) -> list[Medicine]:
    """Every medicine that some list holds, as that list says it; lists are not compared here."""
    if not sight.has(MedicationListing):
        return []
    rows = not_over(sight.facts(MedicationListing.objects.all()), on=sight.on)
    rows = rows.annotate(day=Coalesce(Greatest("ordered_on", "dispensed_on", "taken_on"), "received_on"))
    latest = [
        row
        for row in rows.order_by("name", "source", "kind", "-day", "-pk").distinct("name", "source", "kind")
        if not tells(row, sight.hidden)
    ]
    return [
        Medicine(row.name, row.directions, str(row.get_kind_display()), row.source, row.day, row.status)
        for row in sorted(latest, key=lambda row: (row.name.lower(), -row.day.toordinal()))
    ]


PRINTED = {
    "mm[Hg]": "mmHg", "[lb_av]": "lb", "[oz_av]": "oz", "[in_i]": "in", "[ft_i]": "ft", "[degF]": "°F", "Cel": "°C",
    "kg/m2": "kg/m²", "{score}": "points", "{#}": "", "1": "",
}  # fmt: skip
"""Units as people read them, where the code of UCUM (ucum.org, 2.2, print symbols) reads otherwise."""


def value_said(row: Observation) -> str:
    """A result with its unit, as the source wrote it; a unit's code as it is printed."""
    number = f"{row.value_number:g}" if row.value_number is not None else ""
    unit = PRINTED.get(row.unit, row.unit)
    return " ".join(filter(None, (f"{row.comparator}{number or row.value}", unit)))
