"""Invented work around patients: tasks, alarms, contacts, enrollments, facts of a chart; short names for tests of pages."""

import itertools
from datetime import date, datetime, timedelta

from django.utils import timezone

from carewright.access.models import Tie
from carewright.chart.models import Allergy, Condition, Encounter, MedicationListing, Observation
from carewright.contacts.models import Contact, Note
from carewright.enrollment.models import Consent, Enrollment
from carewright.registry.models import Patient
from carewright.registry.names import name_key
from carewright.tasks.models import Alarm, Task

NOW = datetime(2026, 11, 24, 14, 42, tzinfo=timezone.get_fixed_timezone(0))
TODAY = date(2026, 11, 24)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_numbers = itertools.count(1)

REPORTED = {
    Allergy: "name", Condition: "name", Encounter: "name", MedicationListing: "name", Observation: "name",
}  # fmt: skip


def reported(model, patient, name: str, **fields):
    """A fact of the chart, as a hospital's feed told it."""
    number = next(_numbers)
    known = {
        "source": "mercy_fhir", "external_id": f"x{number}", "delivery_id": "ab12cd34ef56", "line": number,
        "received_on": TODAY, "received_seq": number, "status": "active",
    }  # fmt: skip
    return model.objects.create(patient=patient, name=name, **(known | fields))


def task(
    patient, owner, *, kind: str = "follow_up_call", due: timedelta = DAY, at: datetime | None = None, **fields
) -> Task:
    """An open task of a colleague, due after some time."""
    at = at or timezone.now()
    known = {
        "title": "Follow-up call", "why": "Weekly call", "opened_at": at - DAY, "opened_by": owner, "priority": 3,
        "due_at": at + due, "owner_user": owner,
    }  # fmt: skip
    return Task.objects.create(patient=patient, kind=kind, **(known | fields))


def alarm(patient, **fields) -> Alarm:
    """An open alarm."""
    known = {
        "code": "phq9_item9",
        "because": "Thoughts of being better off dead, several days.",
        "raised_at": timezone.now(),
    }
    return Alarm.objects.create(patient=patient, **(known | fields))


def contact(patient, by, *, ended: str = "no_answer", at: datetime | None = None, **fields) -> Contact:
    """A call that was made."""
    at = at or timezone.now() - DAY
    return Contact.objects.create(
        patient=patient, by=by, kind="call", started_at=at, ended=ended, recorded_at=at, **fields
    )


def note(patient, by, text: str, **fields) -> Note:
    """Something written down."""
    return Note.objects.create(patient=patient, written_by=by, text=text, written_at=timezone.now(), **fields)


def enrolled(patient, lead, *, program: str = "complex_care", since: date = date(2026, 9, 1), **fields) -> Enrollment:
    """In a program since a day, led by somebody, with the consent it rests on."""
    consent = Consent.objects.create(
        patient=patient, program=program, answer="agreed", version="2026-11", how="verbal", language="en",
        at=timezone.make_aware(datetime(since.year, since.month, since.day, 10)), by=lead,
    )  # fmt: skip
    return Enrollment.objects.create(
        patient=patient, program=program, consent=consent, lead=lead, led_since=since, starts_on=since, **fields
    )


def caseload(lead, *, names: list[str], title: str = "Weekly call") -> list[Patient]:
    """
    A whole caseload at once: people with these family names, led by somebody, each with a call that is due.

    Made in a few statements, because making four hundred people one by one takes longer than what is tried with them.
    """
    now = timezone.now()
    people = Patient.objects.bulk_create(
        Patient(
            given_name="Ana", family_name=name, born_on=date(1950, 5, 2), sex="female", language="en",
            sort_name=name_key(f"{name} Ana"), given_key=name_key("Ana"),
        )
        for name in names
    )  # fmt: skip
    since = date(2026, 9, 1)
    said_at = timezone.make_aware(datetime(since.year, since.month, since.day, 10))
    consents = Consent.objects.bulk_create(
        Consent(
            patient=one, program="complex_care", answer="agreed", version="2026-11", how="verbal", language="en",
            at=said_at, by=lead,
        )
        for one in people
    )  # fmt: skip
    Enrollment.objects.bulk_create(
        Enrollment(
            patient=given.patient, program="complex_care", consent=given, lead=lead, led_since=since, starts_on=since
        )
        for given in consents
    )
    Tie.objects.bulk_create(
        Tie(user=lead, patient=one, because="caseload", starts_on=date(2020, 1, 1)) for one in people
    )
    Task.objects.bulk_create(
        Task(
            patient=one, kind="follow_up_call", title=title, why="Weekly call", opened_at=now - DAY, opened_by=lead,
            priority=3, due_at=now + timedelta(hours=number), owner_user=lead,
        )
        for number, one in enumerate(people)
    )  # fmt: skip
    return people
