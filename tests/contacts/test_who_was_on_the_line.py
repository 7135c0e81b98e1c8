"""Who was on the line: what a call keeps, and what comes back when it was written down wrongly."""

from datetime import UTC, datetime, timedelta

import pytest

from carewright.contacts import actions
from carewright.contacts.models import Contact
from carewright.kernel.errors import NotNow
from carewright.tasks import actions as tasks
from carewright.tasks.models import Task
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def nurse(db):
    return UserFactory()


@pytest.fixture
def ruth(db):
    return PatientFactory()


def called(patient, by, ended="reached", at=NOW, **more) -> actions.Recorded:
    return actions.record(patient=patient, kind="call", ended=ended, by=by, at=at, **more)


@pytest.mark.parametrize(
    ("with_whom", "ended", "kept"),
    [
        ("patient", "reached", {"safety_call", "discharge_call", "take_consent"}),
        ("proxy", "reached_proxy", {"discharge_call", "take_consent"}),
        ("patient", "reached_proxy", {"discharge_call", "take_consent"}),
        ("family", "reached", {"discharge_call"}),
        ("family", "reached_proxy", {"discharge_call"}),
        ("unknown", "reached", set()),
        ("community", "reached", set()),
    ],
)
def test_a_call_about_safety_is_kept_by_the_person_alone_and_a_stranger_keeps_nothing(
    ruth, nurse, with_whom, ended, kept
):
    for kind in ("safety_call", "discharge_call", "take_consent"):
        tasks.open_task(kind=kind, patient=ruth, by=nurse, at=NOW)
    done = called(ruth, nurse, with_whom=with_whom, ended=ended)
    assert {task.kind for task in done.closed} == kept


@pytest.mark.parametrize(("with_whom", "reached"), [("family", 1), ("unknown", 0), ("provider", 0), ("payer", 0)])
def test_reaching_the_practice_or_a_stranger_is_not_reaching_the_patient(ruth, nurse, with_whom, reached):
    contact = called(ruth, nurse, with_whom=with_whom).contact
    assert contact.was_reached is bool(reached)
    assert Contact.objects.reached().count() == reached


def test_what_a_call_closed_comes_back_when_it_was_another_patients(ruth, nurse):
    promise = tasks.open_task(
        kind="discharge_call", patient=ruth, by=nurse, at=NOW - 2 * DAY, due_at=NOW + DAY, clock="Two business days",
        why="Home since Friday",
    )  # fmt: skip
    done_before = tasks.open_task(kind="follow_up_call", patient=ruth, by=nurse, at=NOW - 2 * DAY)
    tasks.close(task=done_before, because="done", by=nurse, at=NOW - DAY)
    contact = called(ruth, nurse).contact
    actions.retract(contact=contact, because="The other Ruth was on the line", by=nurse, at=NOW + timedelta(minutes=5))
    [back] = Task.objects.open().filter(patient=ruth)
    same = ("kind", "title", "why", "due_at", "clock", "priority", "owner_user_id")
    promise.refresh_from_db()
    assert [getattr(back, name) for name in same] == [getattr(promise, name) for name in same]
    assert promise.closed_because == "done", "what stood there stays"


def test_a_correction_that_still_keeps_the_task_brings_nothing_back(ruth, nurse):
    tasks.open_task(kind="discharge_call", patient=ruth, by=nurse, at=NOW)
    contact = called(ruth, nurse).contact
    mended = actions.correct(
        contact=contact, facts={"with_whom": "proxy", "ended": "reached_proxy"}, because="It was her daughter", by=nurse,
        at=NOW,
    )  # fmt: skip
    assert not Task.objects.open().exists()
    nobody = actions.correct(
        contact=mended, facts={"ended": "no_answer"}, because="Nobody was there", by=nurse, at=NOW + DAY
    )
    assert [task.kind for task in Task.objects.open()] == ["discharge_call"]
    actions.correct(contact=nobody, facts={"ended": "busy"}, because="Busy, I think", by=nurse, at=NOW + 2 * DAY)
    assert Task.objects.open().count() == 1, "it comes back once"


def test_a_form_sent_twice_counts_one_call(ruth, nurse):
    called(ruth, nurse, ended="no_answer")
    with pytest.raises(NotNow, match="written down already"):
        called(ruth, nurse, ended="no_answer", at=NOW + timedelta(minutes=1), started_at=NOW)
    called(ruth, nurse, ended="busy")
    called(ruth, UserFactory(), ended="no_answer")
    called(PatientFactory(), nurse, ended="no_answer")
    assert Contact.objects.count() == 4
