"""The pages of contacts and notes, as somebody uses them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.channel.configuration import Sending
from carewright.contacts import actions
from carewright.contacts.models import Contact, MinutesEntry, Note
from carewright.tasks import actions as tasks
from tests.factories.access import TieFactory
from tests.factories.registry import AddressFactory, ContactPointFactory, PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"none"})
    settings.CHANNEL = Sending(shows_only=True, phone="413-555-0100")


@pytest.fixture
def ruth():
    return PatientFactory()


@pytest.fixture
def signed_in(client, ruth):
    nurse = UserFactory()
    TieFactory(user=nurse, patient=ruth)
    client.force_login(nurse)
    client.nurse = nurse
    return client


def typed(moment) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


def logged(client, patient, **more):
    now = timezone.now().replace(second=0, microsecond=0)
    given = {
        "kind": "call", "direction": "out", "with_whom": "patient", "ended": "reached",
        "started_at": typed(now - timedelta(minutes=12)), "ended_at": typed(now),
    } | more  # fmt: skip
    return client.post(reverse("contacts:new", args=[patient.public_id]), given)


def test_a_call_is_logged_with_its_minutes_its_note_and_what_comes_next(signed_in, ruth):
    task = tasks.open_task(kind="follow_up_call", patient=ruth, by=signed_in.nurse, at=timezone.now())
    answer = logged(
        signed_in, ruth, books_minutes="on", note_template="call", note="She sleeps well.", task=str(task.public_id),
        next_at=typed(timezone.now() + timedelta(days=7)), next_why="Ask about the ride.",
    )  # fmt: skip
    assert answer.status_code == 302
    task.refresh_from_db()
    assert task.closed_because == "done"
    assert (Contact.objects.get().minutes, MinutesEntry.objects.count(), Note.objects.count()) == (12, 1, 1)
    page = signed_in.get(answer.url).content.decode()
    assert "1 contact · reached 1 time" in page and "1 task closed." in page


def test_no_message_is_left_where_it_is_not_safe(signed_in, ruth):
    point = ContactPointFactory(patient=ruth, is_safe_for_message=False)
    answer = logged(signed_in, ruth, ended="left_message", contact_point=point.pk)
    assert answer.status_code == 422
    assert "not safe to leave a message" in answer.content.decode()
    assert not Contact.objects.exists()


def test_a_number_flagged_wrong_is_not_offered(signed_in, ruth):
    ContactPointFactory(patient=ruth, value="413-555-7777", wrong_since_on="2026-01-05")
    ContactPointFactory(patient=ruth, value="413-555-8888")
    page = signed_in.get(reverse("contacts:new", args=[ruth.public_id])).content.decode()
    assert "413-555-8888" in page and "413-555-7777" not in page


def test_a_correction_keeps_what_stood_there(signed_in, ruth):
    logged(signed_in, ruth, ended="no_answer")
    contact = Contact.objects.get()
    page = signed_in.post(
        reverse("contacts:correct", args=[contact.public_id]),
        {"ended": "reached", "with_whom": "patient", "direction": "out", "started_at": typed(contact.started_at),
         "ended_at": typed(contact.ended_at), "because": "Clicked the wrong line."},
        follow=True,
    ).content.decode()  # fmt: skip
    assert "Corrected because: Clicked the wrong line." in page and "No answer" in page


def test_notes_are_written_found_added_to_and_voided(signed_in, ruth):
    address = reverse("contacts:notes", args=[ruth.public_id])
    signed_in.post(address, {"template": "free", "text": "The ride was late.", "level": "team"})
    note = Note.objects.get()
    signed_in.post(reverse("contacts:add_to_note", args=[note.public_id]), {"text": "It came at ten."})
    page = signed_in.get(address, {"q": "ride ten"}).content.decode()
    assert "The ride was late." in page and "It came at ten." in page
    assert "No note has these words" in signed_in.get(address, {"q": "bus"}).content.decode()
    signed_in.post(reverse("contacts:void_note", args=[note.public_id]), {"because": "Wrong chart."})
    assert "Wrong chart." in signed_in.get(address).content.decode()


def test_somebody_elses_private_note_is_not_there(signed_in, ruth):
    note = actions.write_note(patient=ruth, text="Mine alone.", level="private", by=UserFactory(), at=timezone.now())
    page = signed_in.get(reverse("contacts:notes", args=[ruth.public_id])).content.decode()
    assert "Mine alone." not in page and "not open to your role" not in page
    for name in ("contacts:add_to_note", "contacts:void_note"):
        assert signed_in.post(reverse(name, args=[note.public_id]), {"text": "x", "because": "x"}).status_code == 404


def test_a_letter_is_sent_and_opened_as_a_tagged_pdf(signed_in, ruth):
    AddressFactory(patient=ruth)
    address = reverse("channel:of_patient", args=[ruth.public_id])
    signed_in.post(address, {"template": "outreach_letter"})
    message = ruth.messages.get()
    pdf = signed_in.get(reverse("channel:letter", args=[message.public_id]))
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-") and b"/StructTreeRoot" in pdf.content


def test_contact_is_stopped_and_allowed_again_with_a_reason(signed_in, ruth):
    address = reverse("channel:of_patient", args=[ruth.public_id])
    signed_in.post(reverse("channel:stop_contact", args=[ruth.public_id]), {"because": "asked", "said": "Leave me be."})
    assert "Leave me be." in signed_in.get(address).content.decode()
    signed_in.post(reverse("channel:allow_contact", args=[ruth.public_id]), {"why": "She called us."})
    assert "Leave me be." not in signed_in.get(address).content.decode()


def test_a_reported_death_is_not_lifted_here(signed_in, ruth):
    logged(signed_in, ruth, ended="died", with_whom="family")
    page = signed_in.post(
        reverse("channel:allow_contact", args=[ruth.public_id]), {"why": "Heard otherwise."}, follow=True
    ).content.decode()
    assert "decided elsewhere" in page
    assert ruth.contact_stops.get().ends_at is None
