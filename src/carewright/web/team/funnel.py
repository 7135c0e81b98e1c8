"""
The way from identified to graduated, twelve months: how many people came how far, and how long each step took.

It begins with everyone who came up for triage or outreach in the year; each later step counts people of that beginning
who did it after they were identified. Somebody may be assessed without being active any more, so steps are not nested.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carewright.assessment.models import Assessment
from carewright.contacts.models import Contact
from carewright.enrollment.models import Consent, Enrollment, OutreachEpisode, TriageItem

STEPS = {
    "identified": _("Identified"),
    "reached": _("Reached"),
    "consented": _("Said yes"),
    "assessed": _("Assessed"),
    "active": _("Active today"),
    "graduated": _("Graduated"),
}
BEFORE = {
    "reached": "identified",
    "consented": "reached",
    "assessed": "consented",
    "active": "assessed",
    "graduated": "active",
}
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Step:
    """One step: its name, who came so far with the day, the share of the step before, the days it took in the middle."""

    code: str
    name: str
    people: dict[int, date]
    of: int
    days: int | None

    @property
    def count(self) -> int:
        """How many people."""
        return len(self.people)

    @property
    def percent(self) -> int | None:
        """The share of the step before; nothing when nobody was there."""
        return round(100 * self.count / self.of) if self.of else None


def steps(*, on: date) -> list[Step]:
    """The whole way, step by step."""
    since = on - YEAR
    first = _earliest(
        TriageItem.objects.filter(patient__isnull=False, opened_at__date__gte=since).values_list("patient").annotate(Min("opened_at")),
        OutreachEpisode.objects.filter(opened_at__date__gte=since).values_list("patient").annotate(Min("opened_at")),
    )  # fmt: skip
    ids = list(first)
    found = {"identified": first}
    reached = Contact.objects.standing().reached().filter(patient__in=ids).values_list("patient", "started_at")
    agreed = Consent.objects.filter(patient__in=ids, answer=Consent.Answer.AGREED).values_list("patient", "at")
    assessed = Assessment.objects.filter(patient__in=ids, finished_at__isnull=False, kind="comprehensive")
    enrolled = Enrollment.objects.filter(patient__in=ids)
    found["reached"] = _after(first, reached)
    found["consented"] = _after(first, agreed)
    found["assessed"] = _after(first, assessed.values_list("patient", "finished_at"))
    found["active"] = _after(first, enrolled.at_work(on).values_list("patient", "starts_on"))
    goals_met = enrolled.filter(end_reason=Enrollment.EndReason.GOALS_MET, ends_on__lte=on)
    found["graduated"] = _after(first, goals_met.values_list("patient", "ends_on"))
    return [_step(code, found) for code in STEPS]


def _step(code: str, found: dict[str, dict[int, date]]) -> Step:
    here, before = found[code], found.get(BEFORE.get(code, ""), {})
    took = [
        (day - before[patient]).days for patient, day in here.items() if patient in before and day >= before[patient]
    ]
    return Step(code, str(STEPS[code]), here, len(before), round(median(took)) if took else None)


def _earliest(*rows: Iterable[tuple[int, datetime]]) -> dict[int, date]:
    found: dict[int, date] = {}
    for patient, at in (pair for each in rows for pair in each):
        day = timezone.localdate(at)
        found[patient] = min(day, found.get(patient, day))
    return found


def _after(first: dict[int, date], rows: Iterable[tuple[int, datetime | date | None]]) -> dict[int, date]:
    """The earliest day of each person's rows on or after the day they were identified."""
    found: dict[int, date] = {}
    for patient, moment in rows:
        day = timezone.localdate(moment) if isinstance(moment, datetime) else moment
        if day is not None and day >= first[patient]:
            found[patient] = min(day, found.get(patient, day))
    return found
