"""A caseload file is somebody else's word: it brings nobody back who left here, and its work is not all alike."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from carewright.channel import actions as channel
from carewright.enrollment import caseload, consenting, deaths
from carewright.enrollment.models import Consent, Enrollment
from carewright.tasks.models import Task
from tests.enrollment.conftest import AT, ON
from tests.enrollment.test_consent_and_enrollment import agree, enroll
from tests.factories.registry import IdentifierFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(patient, nurse, monkeypatch):
    """One row of a file about the patient, as the next file would say it."""
    IdentifierFactory(patient=patient, system="person_id", value="P-1")
    said = {
        "source": "old_team", "delivery_id": "abcdefabcdef", "line": 2, "received_on": ON, "program": "Complex care",
        "lead": nurse.email, "consent_date": date(2026, 1, 5), "consent_kind": "verbal", "enrolled_on": date(2026, 1, 7),
        "ends_on": None, "open_goals": None, "open_tasks": None, "next_contact_on": None, "first_name": "A",
        "last_name": "M", "birth_date": None, "note": None, "received_seq": 1, "person_id": "P-1",
    }  # fmt: skip
    monkeypatch.setattr(caseload, "_landed", lambda home: [said])
    return said


def looked(day=ON):
    [line] = caseload.preview(None, on=day)
    return line


def applied(by, day=ON):
    at = timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(hours=15)
    return caseload.apply(lines=[looked(day)], by=by, on=day, at=at)


def test_whoever_withdrew_is_not_brought_back_by_a_file(row, patient, nurse, supervisor):
    enroll(patient, nurse)
    consenting.withdraw(patient=patient, how="on the phone", by=nurse, on=ON, at=AT + timedelta(hours=1))
    later = ON + timedelta(days=20)
    assert "left Complex care on March 2, 2026" in looked(later).problem
    assert applied(supervisor, later).rows == 0
    assert not Enrollment.objects.running().exists()
    row["consent_date"] = ON + timedelta(days=10)
    channel.allow_contact(patient=patient, why="They told the other team", by=nurse, at=AT + timedelta(days=9))
    assert looked(later).problem == "", "a consent they gave after leaving here is a new one"


def test_whoever_said_no_or_is_not_to_be_contacted_or_may_be_dead_is_not_enrolled(row, patient, nurse):
    assert looked().problem == ""
    no = {"because": "No", "how": "verbal", "language": "en", "by": nurse, "on": ON, "at": AT}
    refusal = consenting.decline(patient=patient, program="complex_care", **no)
    assert "said no on March 2, 2026" in looked().problem
    consenting.reopen_refusal(consent=refusal, because="They asked", by=nurse, at=AT)
    channel.stop_contact(patient=patient, because="asked", by=nurse, at=AT)
    assert "Asked not to be contacted" in looked().problem
    channel.allow_contact(patient=patient, why="They called", by=nurse, at=AT)
    deaths.report(patient=patient, source="file", by="system:test", at=AT, on=ON)
    assert "death was reported" in looked().problem


def test_leaving_by_a_file_ends_the_consent_and_the_reminders_too(row, patient, nurse, supervisor):
    row["open_tasks"] = "Call this week"
    applied(supervisor)
    assert Task.objects.open().filter(patient=patient).exists()
    row |= {"ends_on": ON + timedelta(days=3), "line": 3}
    assert applied(supervisor, ON + timedelta(days=5)).rows == 1
    assert not Task.objects.open().filter(patient=patient).exists()
    assert not Consent.objects.standing().filter(patient=patient).exists()


def test_what_the_sender_had_open_keeps_its_weight(row, patient, supervisor):
    row["open_tasks"] = "Contact after discharge; Reconcile medicines; Call this week; Birthday card"
    applied(supervisor)
    found = {task.title: (task.kind, task.priority) for task in Task.objects.open().filter(patient=patient)}
    assert found == {
        "Contact after discharge": ("discharge_call", 5), "Reconcile medicines": ("medicine_review", 4),
        "Call this week": ("follow_up_call", 3), "Birthday card": ("other", 2),
    }  # fmt: skip
    call = Task.objects.get(title="Contact after discharge")
    assert call.due_at - call.opened_at <= timedelta(days=2)


def test_a_consent_that_stands_here_is_used(row, patient, nurse, supervisor):
    agree(patient, nurse)
    assert applied(supervisor, ON + timedelta(days=1)).rows == 1
    assert Consent.objects.filter(patient=patient).count() == 1
