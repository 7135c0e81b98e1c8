"""
A caseload on paper: who, how to reach them, what they take, what they react to, what is due next.

A concern about safety at home is never printed. Who must be called with care has no number here: paper cannot tell when
it is safe, so the sheet says to look the person up first.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.access import sensitive
from carewright.access.models import Tie
from carewright.channel.models import DoNotContact
from carewright.chart.models import Allergy, MedicationListing
from carewright.enrollment.models import DeathReport, Enrollment
from carewright.knowledge.programs import name_of
from carewright.population import queries as population
from carewright.population.models import Dispensing
from carewright.registry.models import ContactPoint, Patient, PatientPreference
from carewright.staff.models import User
from carewright.tasks.models import Task
from carewright.web.patient import chart, fills, header

MOST_MEDICINES = 15


@dataclass
class Row:
    """One patient on the sheet."""

    patient: Patient
    age: int | None
    programs: list[str] = field(default_factory=list)
    language: str = ""
    phones: list[str] = field(default_factory=list)
    phone_note: str = ""
    allergies: str = ""
    medicines: list[str] = field(default_factory=list)
    more_medicines: int = 0
    filled: list[str] = field(default_factory=list)
    more_filled: int = 0
    filled_until: date | None = None
    is_closed: bool = False
    """Whether what claims tell is closed until the next run; then nothing is known of fills, not none."""
    due: list[str] = field(default_factory=list)


def caseload_of(lead: User, *, on: date) -> QuerySet[Patient]:
    """The patients somebody leads, and those they follow by a tie of their own; nobody who has died."""
    led = Enrollment.objects.at_work(on).filter(lead=lead).values("patient")
    tied = Tie.objects.on(on).filter(user=lead, patient__isnull=False, because=Tie.Because.CASELOAD).values("patient")
    found = Patient.objects.filter(Q(pk__in=led) | Q(pk__in=tied), died_on__isnull=True)
    return found.order_by("sort_name", "pk")


def rows_of(lead: User, patients: Iterable[Patient], *, reader: User, at: datetime) -> list[Row]:
    """The sheet, line by line, in as many questions for four hundred people as for one."""
    people, on = list(patients), timezone.localdate(at)
    ids = [patient.pk for patient in people]
    rows = {patient.pk: Row(patient, header.years_on(patient.born_on, on)) for patient in people}
    for one in Enrollment.objects.at_work(on).filter(patient__in=ids).order_by("starts_on"):
        rows[one.patient_id].programs.append(_(name_of(one.program)))
    _reach(rows, ids, at=at)
    _take(rows, ids, reader, on=on)
    tasks = Task.objects.open().filter(patient__in=ids, owner_user=lead).order_by("due_at")
    for task in tasks:
        due = rows[task.patient_id].due  # type: ignore[index]
        if len(due) < 3:
            what = task.said_title if task.kind != "safety_call" else _("Follow-up")
            due.append(f"{what}, {date_format(timezone.localtime(task.due_at), 'D M j, g:i A')}")
    return list(rows.values())


def _reach(rows: dict[int, Row], ids: list[int], *, at: datetime) -> None:
    preferences = {one.patient_id: one for one in PatientPreference.objects.filter(patient__in=ids)}
    stops = DoNotContact.objects.filter(patient__in=ids, starts_at__lte=at).filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    )
    stopped = set(stops.values_list("patient", flat=True))
    stopped |= set(DeathReport.objects.filter(patient__in=ids, verdict__isnull=True).values_list("patient", flat=True))
    points: dict[int, list[ContactPoint]] = defaultdict(list)
    for point in ContactPoint.objects.filter(patient__in=ids).phones().right().in_dialing_order():
        points[point.patient_id].append(point)
    unsafe = set(
        ContactPoint.every_one.filter(patient__in=ids, is_safe_for_message=False).values_list("patient", "digits")
    )
    no_message = str(_("no message"))
    for pk, row in rows.items():
        preference = preferences.get(pk)
        language, interpreter = header.spoken(row.patient, preference)
        row.language = f"{language}, {_('interpreter')}" if interpreter else language or _("language unknown")
        if pk in stopped or (preference and preference.safe_contact):
            row.phone_note = _("Look the record up before you call.")
            continue
        row.phones = [
            " · ".join(filter(None, (point.value, point.best_time, no_message if (pk, point.digits) in unsafe else "")))
            for point in points[pk][:3]
        ]
        row.phone_note = "" if row.phones else _("No number on file.")


def _take(rows: dict[int, Row], ids: list[int], reader: User, *, on: date) -> None:
    hidden = sensitive.hidden_tags(reader)
    if not sensitive.sees_clinical(reader):
        for row in rows.values():
            row.allergies = _("not shown to your role")
        return
    known: dict[int, list[Allergy]] = defaultdict(list)
    told = sensitive.without_hidden(Allergy.objects.standing().filter(patient__in=ids), reader, hidden=hidden)
    for one in told.exclude(status__in=header.GONE).exclude(verification_status__in=header.WRONG).order_by("name"):
        known[one.patient_id].append(one)
    listed = chart.not_over(MedicationListing.objects.standing().filter(patient__in=ids), on=on)
    taken: dict[int, dict[str, str]] = defaultdict(dict)
    for one in sensitive.without_hidden(listed, reader, hidden=hidden).order_by("name", "-received_on"):
        if chart.tells(one, hidden):
            continue
        taken[one.patient_id].setdefault(one.name, f"{one.name}: {one.directions}" if one.directions else one.name)
    run = population.current_run()
    told = sensitive.without_hidden(Dispensing.objects.filter(patient__in=ids), reader, hidden=hidden)
    filled = fills.on_paper(told, run) if run else {}
    is_closed = run is None and population.closed_run() is not None
    for pk, row in rows.items():
        row.allergies, row.is_closed = _allergies(known[pk]), is_closed
        lines = filled.get(pk, [])
        row.filled, row.more_filled = lines[:MOST_MEDICINES], max(0, len(lines) - MOST_MEDICINES)
        row.filled_until = run.as_of if run else None
        row.medicines = list(taken[pk].values())[:MOST_MEDICINES]
        row.more_medicines = max(0, len(taken[pk]) - MOST_MEDICINES)


def _allergies(known: list[Allergy]) -> str:
    real = dict.fromkeys(
        f"{one.name} ({one.reaction})" if one.reaction else one.name
        for one in known
        if one.code not in header.NONE_KNOWN
    )
    return "; ".join(real) if real else _("none known") if known else _("unknown: ask")
