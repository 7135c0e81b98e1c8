"""The pages of tasks, alarms, the roster, contacts, notes and messages in a browser: axe, a phone, dark and light."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.channel import actions as channel
from carewright.contacts import actions as contacts
from carewright.tasks import actions, alarms, on_call
from tests.browser import _django_db_marker, axe, browser, clinic, open_window, scrolls_sideways, sign_in  # noqa: F401
from tests.factories.access import TieFactory
from tests.factories.registry import AddressFactory, ContactPointFactory, PatientFactory
from tests.factories.staff import UserFactory

PICTURES = os.environ.get("CAREWRIGHT_PICTURES", "")  # a folder to keep what was seen, for who wants to look


@pytest.fixture(scope="module")
def ruth(clinic):  # noqa: F811
    """Ruth, with a day of everything, and the supervisor who opens it."""
    boss = clinic.person("supervisor")
    with clinic.inside(), acting_as("system:test"):
        at = timezone.now()
        nurse, other = UserFactory(first_name="Ana"), UserFactory(first_name="Ben")
        patient = PatientFactory(given_name="Ruth", family_name="Abernathy")
        TieFactory(user=boss, population="everyone")
        AddressFactory(patient=patient)
        phone = ContactPointFactory(
            patient=patient, value="413-555-0123", use="mobile", text_consent="given", consent_at=at
        )
        for hours, user, backup in ((-2, nurse, other), (12, other, nurse)):
            on_call.add_shift(
                user=user, backup_user=backup, starts_at=at + timedelta(hours=hours),
                ends_at=at + timedelta(hours=hours + 12), by=boss,
            )  # fmt: skip
        alarm = alarms.raise_alarm(
            patient=patient, code="phq9_item9", because="Answered “several days” to thoughts of being better off dead.",
            by=nurse, at=at - timedelta(minutes=20),
        )  # fmt: skip
        task = actions.open_task(
            kind="discharge_call", patient=patient, by=nurse, at=at, clock="Two business days after coming home",
            due_at=at + timedelta(hours=5), why="Home since Friday after four days in hospital.",
        )  # fmt: skip
        contacts.record(patient=patient, kind="call", ended="no_answer", contact_point=phone, by=nurse, at=at)
        call = contacts.record(
            patient=patient, kind="call", ended="reached", contact_point=phone, by=nurse, at=at, interpreter="phone",
            started_at=at - timedelta(minutes=14), ended_at=at, books_minutes=True, note_template="call",
            note="What they said:\nSleeps well; swollen ankles since Sunday.\n\nWhat was agreed:\nWeighs herself each day.",
        )  # fmt: skip
        contacts.add_to_note(note=call.note, text="She called back: weight is down.", by=other, at=at)
        contacts.write_note(patient=patient, text="Talked about home.", template="safety", by=nurse, at=at)
        address = patient.addresses.get()
        channel.send(
            to=address,
            kind="letter",
            template="outreach_letter",
            values={"name": "Ruth", "staff": "Ana"},
            by=nurse,
            at=at,
        )
        channel.send(to=phone, kind="sms", template="please_call", by="system:test", at=at)
        channel.stop_contact(
            patient=patient, because="asked", kinds=["email"], said="No emails, please.", by=nurse, at=at
        )
    return boss, patient.public_id, task.public_id, alarm.public_id


def pages(ruth) -> dict[str, str]:
    _boss, patient, task, alarm = ruth
    return {
        "alarms": "/alarms", "alarm": f"/alarms/{alarm}", "on-call": "/on-call", "task": f"/tasks/{task}",
        "snooze": f"/tasks/{task}/snooze", "new-task": f"/tasks/new?patient={patient}", "hand-over": "/tasks/hand-over",
        "contacts": f"/patients/{patient}/contacts", "log": f"/patients/{patient}/contacts/new",
        "notes": f"/patients/{patient}/notes?template=call", "messages": f"/patients/{patient}/messages",
    }  # fmt: skip


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (True, True)], ids=["wide, light", "phone, dark"])
def test_every_page_is_readable_by_everyone(clinic, open_window, ruth, phone, dark):  # noqa: F811
    page = open_window(clinic, phone=phone, dark=dark)
    sign_in(page, ruth[0])
    for name, address in pages(ruth).items():
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{'phone' if phone else 'wide'}.png", full_page=True)
        axe(page)
        assert not scrolls_sideways(page), address
