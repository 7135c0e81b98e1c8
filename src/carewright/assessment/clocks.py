"""
What is due of assessments: begin, finish, assess again (each year, after a stay), ask for quality of life again; for one person or for many at once.

Whatever the number of people, the database is asked a fixed number of times.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Max

from carewright.assessment.models import Answer, Assessment
from carewright.assessment.sheet import day_of
from carewright.enrollment.models import Enrollment, TriageItem
from carewright.knowledge import comprehensive
from carewright.knowledge.comprehensive import Clocks
from carewright.population import queries as population
from carewright.population.models import ProgramSetting, Stay
from carewright.registry.models import Patient

QUALITY_OF_LIFE = "hrqol-4"


@dataclass(frozen=True)
class Due:
    """Something an assessment promises: what, for whom, by which day, and since when the clock runs."""

    patient: Patient
    what: str
    program: str
    since: date
    due_on: date
    assessment: Assessment | None = None

    def days_left(self, on: date) -> int:
        """Days until it is late; negative when it is."""
        return (self.due_on - on).days


class Clockwork:
    """The clocks of every program as their site has set them, read once and asked for any day."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], tuple[list[date], list[str]]] = {}
        keys = [found.key for found in comprehensive.THRESHOLDS]
        for row in ProgramSetting.objects.filter(key__in=keys).order_by("from_on", "at", "pk"):
            days, values = self._said.setdefault((row.program, row.key), ([], []))
            days.append(row.from_on)
            values.append(row.value)

    def of(self, program: str, on: date) -> Clocks:
        """The clocks of a program as they held on a day."""
        numbers = {}
        for (known, key), (days, values) in self._said.items():
            place = bisect_right(days, on)
            if known == program and place:
                numbers[key] = values[place - 1]
        return comprehensive.clocks(numbers)

    def due_dates(self, assessment: Assessment) -> tuple[date, date] | None:
        """By when an assessment had to begin, and has to be finished; None where no clock runs."""
        since = _since(assessment, assessment.eligible_on)
        if assessment.eligible_on is None or since is None:
            return None
        clocks = self.of(assessment.program, assessment.eligible_on)
        return since + timedelta(days=clocks.begin_days), since + timedelta(days=clocks.complete_days)


@dataclass
class Known:
    """
    What is known of many people on a day: the latest assessment of each, when quality of life was last asked, and the last
    hospital stay that is open to everybody.
    """

    on: date
    clockwork: Clockwork
    latest: dict[int, Assessment] = field(default_factory=dict)
    quality_of_life: dict[int, datetime] = field(default_factory=dict)
    discharged_on: dict[int, date] = field(default_factory=dict)

    @classmethod
    def of(cls, patients: Iterable[int], *, on: date) -> "Known":
        """Read in five queries, for one person or for a thousand."""
        ids = sorted(set(patients))
        latest = (
            Assessment.objects.counting()
            .filter(patient__in=ids, kind=Assessment.COMPREHENSIVE, started_at__date__lte=on)
            .order_by("patient_id", "-started_at", "-pk")
            .distinct("patient_id")
        )
        asked = Answer.objects.standing().filter(
            patient__in=ids, instrument=QUALITY_OF_LIFE, at__date__lte=on, assessment__stopped_at__isnull=True
        )
        return cls(
            on=on,
            clockwork=Clockwork(),
            latest={one.patient_id: one for one in latest},
            quality_of_life=dict(asked.values_list("patient").annotate(latest=Max("at"))),
            discharged_on=_discharges(ids, on),
        )

    def due(self, patient: Patient, *, program: str, eligible_on: date) -> Due:
        """
        What is due for one person in one program: begin, finish, or assess again.

        The program and the day of becoming eligible come from whoever enrolled them; the clock never waits for consent.
        """
        clocks = self.clockwork.of(program, eligible_on)
        latest = self.latest.get(patient.pk)
        if latest is None:
            return Due(patient, "begin", program, eligible_on, eligible_on + timedelta(days=clocks.begin_days))
        if latest.finished_at is None:
            since = _since(latest, latest.eligible_on) or eligible_on
            return Due(patient, "finish", program, since, since + timedelta(days=clocks.complete_days), latest)
        done_on = day_of(latest.finished_at)
        due_on = months_after(done_on, clocks.repeat_months)
        home_on = self.discharged_on.get(patient.pk)
        if home_on is not None and home_on > done_on:
            soon = home_on + timedelta(days=clocks.after_stay_days)
            if soon < due_on:
                return Due(patient, "stay", program, home_on, soon, latest)
        return Due(patient, "repeat", program, done_on, due_on, latest)

    def quality_of_life_due(self, patient: Patient, *, program: str) -> Due | None:
        """When quality of life is asked again; None when it was never asked."""
        asked = self.quality_of_life.get(patient.pk)
        if asked is None:
            return None
        since, months = day_of(asked), self.clockwork.of(program, self.on).quality_of_life_months
        return Due(patient, "quality_of_life", program, since, months_after(since, months))


def _discharges(ids: list[int], on: date) -> dict[int, date]:
    """The day of each person's last discharge; a stay with sensitive facts is left out, for a reminder would tell of it."""
    run = population.current_run()
    if run is None:
        return {}
    rows = Stay.objects.filter(run=run, patient__in=ids, discharged_on__lte=on, tags=[])
    return dict(rows.order_by().values_list("patient").annotate(latest=Max("discharged_on")))


def _since(assessment: Assessment, eligible_on: date | None) -> date | None:
    """Since when the clock of an assessment runs: asked again, since it was begun."""
    return day_of(assessment.started_at) if assessment.follows_id else eligible_on


def clocks_of(program: str, on: date) -> Clocks:
    """The clocks of a program as its site had set them on a day."""
    return Clockwork().of(program, on)


def due_dates(assessment: Assessment) -> tuple[date, date] | None:
    """By when an assessment had to begin, and has to be finished; None where no clock runs."""
    return Clockwork().due_dates(assessment)


def due_for(patient: Patient, *, program: str, eligible_on: date, on: date) -> Due:
    """What is due for one person in one program."""
    return Known.of([patient.pk], on=on).due(patient, program=program, eligible_on=eligible_on)


def quality_of_life_due(patient: Patient, *, program: str, on: date) -> date | None:
    """When quality of life is asked again; None when it was never asked."""
    due = Known.of([patient.pk], on=on).quality_of_life_due(patient, program=program)
    return due.due_on if due else None


def look_ahead(people: Iterable[tuple[Patient, str, date]], *, on: date, within_days: int = 30) -> list[Due]:
    """
    What will be late: for each (patient, program, eligible on), what is due within so many days or is late already.

    The first to be late stands first.
    """
    asked = list(people)
    known = Known.of((patient.pk for patient, _program, _since in asked), on=on)
    found = []
    for patient, program, eligible_on in asked:
        due = known.due(patient, program=program, eligible_on=eligible_on)
        found.append(due)
        # Whoever is assessed now is asked for it then.
        if due.what in ("repeat", "stay") and (again := known.quality_of_life_due(patient, program=program)):
            found.append(again)
    soon = [due for due in found if due.days_left(on) <= within_days]
    return sorted(soon, key=lambda due: (due.due_on, due.patient.sort_name, due.patient.pk))


def since_when(enrollments: list[Enrollment]) -> Iterator[tuple[Enrollment, date]]:
    """Each enrollment with the day its clock began: when the person was identified, never later than the enrollment."""
    asked = dict(
        TriageItem.objects.filter(patient__in=[one.patient_id for one in enrollments])
        .order_by("opened_at")
        .values_list("patient_id", "opened_at")
    )
    for one in enrollments:
        first = day_of(asked[one.patient_id]) if one.patient_id in asked else one.starts_on
        yield one, min(first, one.starts_on)


def months_after(day: date, months: int) -> date:
    """
    The same day so many months later, or the last day of a shorter month.

    >>> months_after(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))
