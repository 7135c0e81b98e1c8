"""Whoever is held away for safety stands on no page: not by name, not by number, whatever was written down before."""

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.channel import actions as channel
from carewright.channel.configuration import Sending
from carewright.contacts import actions as contacts
from carewright.enrollment import reaching
from carewright.enrollment.models import IncomingReferral, TriageItem
from carewright.registry import relating
from carewright.registry.models import RelatedPerson
from carewright.tasks import arrivals
from tests.factories.access import TieFactory
from tests.factories.registry import ContactPointFactory, PatientFactory, RelatedPersonFactory
from tests.factories.staff import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db
NUMBER = "413-555-0166"


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"none"})
    settings.CHANNEL = Sending(shows_only=True, phone="413-555-0100")


@pytest.fixture
def nurse(client):
    nurse = UserFactory()
    client.force_login(nurse)
    return nurse


@pytest.fixture
def ruth(nurse):
    """Somebody whose husband was called, wrote to us, and is held away since."""
    ruth = PatientFactory(family_name="Abernathy")
    TieFactory(user=nurse, patient=ruth)
    at = timezone.now()
    point = ContactPointFactory(patient=ruth, value=NUMBER, text_consent="given", consent_at=at)
    husband = RelatedPersonFactory(
        patient=ruth, given_name="Gilroy", family_name="Stonewick", relationship="husband", phone="(413) 555 0166",
        email="gil@stonewick.example",
    )  # fmt: skip
    contacts.record(
        patient=ruth, kind="call", ended="reached_proxy", with_whom="family", related_person=husband, contact_point=point,
        by=nurse, at=at,
    )  # fmt: skip
    channel.send(to=point, kind="sms", template="please_call", by=nurse, at=at.replace(hour=18))
    channel.received_text(number=NUMBER, words_said="She is fine", by="system:gateway", at=at)
    mother = RelatedPersonFactory(
        patient=ruth, given_name="Olga", family_name="Kept", relationship="mother-in-law", phone="4135550166"
    )
    relating.give_authority(
        person=mother, kind="care_info", starts_on=at.date(), ends_on=None, document="", by=nurse, at=at
    )
    relating.hold_person(person=husband, because="She is afraid of him", is_suspected_abuser=True, by=nurse, at=at)
    return ruth


@pytest.mark.parametrize(
    "page", ["contacts:of_patient", "channel:of_patient", "patient:story", "patient:glance", "contacts:new", "call:out"]
)
def test_neither_the_name_nor_the_number_is_on_a_page(client, ruth, page):
    words = client.get(reverse(page, args=[ruth.public_id]), follow=True).content.decode()
    assert "Abernathy" in words
    for hidden in ("Gilroy", "Stonewick", "555-0166", "5550166", "555 0166"):
        assert hidden not in words, f"{hidden} on {page}"
    assert page != "patient:glance" or "Olga Kept" in words, "somebody in the same house is named, without the number"


def test_nor_in_the_outbox(client, ruth):
    words = client.get(reverse("channel:outbox")).content.decode()
    assert "Abernathy" in words and "5550166" not in words


def test_a_text_from_them_says_whose_number_it_is_and_offers_no_call(client, ruth, nurse):
    TeamFactory(members=[nurse])
    channel.received_text(number=NUMBER, words_said="Where is she", by="system:gateway", at=timezone.now())
    tasks = arrivals.open_for_arrivals(at=timezone.now(), by="system:test")
    [task] = [task for task in tasks if task.patient is None]
    words = client.get(reverse("tasks:task", args=[task.public_id])).content.decode()
    assert "Where is she" in words
    assert "tel:" not in words and "5550166" not in words and "Do not call" in words


def test_a_referral_they_sent_names_them_no_more(client, ruth, nurse):
    item = TriageItem.objects.create(
        patient=ruth, door="self", opened_at=timezone.now(), due_at=timezone.now(), decision="accepted",
        decided_at=timezone.now(), decided_by=nurse,
    )  # fmt: skip
    held = RelatedPerson.every_one.get(patient=ruth, given_name="Gilroy")
    IncomingReferral.objects.create(
        patient=ruth, item=item, door="self", received_at=timezone.now(), person_name=ruth.name, person_phone=NUMBER,
        for_whom="other", sender_name=held.name, sender_phone=NUMBER, code_digest="c" * 40,
    )  # fmt: skip
    episode = reaching.start(
        patient=ruth,
        program="complex_care",
        owner=nurse,
        by=nurse,
        on=timezone.localdate(),
        at=timezone.now(),
        item=item,
    )
    for name, number in (("triage_item", item.public_id), ("episode", episode.public_id)):
        shown = client.get(reverse(f"enrollment:{name}", args=[number])).content.decode()
        assert "What they sent" in shown or "As it was sent" in shown
        assert NUMBER not in shown and held.given_name not in shown, name
