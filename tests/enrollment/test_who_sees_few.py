"""A care manager who sees the candidates and her own patients, as in life: nothing on the road needs more sight."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.enrollment import consenting, reaching
from carewright.enrollment.models import Consent, OutreachEpisode, TriageItem
from carewright.knowledge import consent as words
from carewright.registry.models import Patient
from carewright.tasks.models import Task
from tests.enrollment.conftest import AT
from tests.enrollment.test_doors import FORM
from tests.enrollment.test_pages import post, shown
from tests.factories.access import TieFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(db):
    """She may see candidates and whoever is tied to her; nobody else exists for her."""
    user = UserFactory(role="care_manager", first_name="Ana", last_name="Lund")
    TieFactory(user=user, patient=None, population="candidates")
    return user


def test_a_nurse_adds_somebody_nobody_knows_and_takes_them_on(client, nurse):
    client.post(reverse("enrollment:public_self"), FORM)
    client.force_login(nurse)
    item = TriageItem.objects.get()
    new = {"add": "1", "given_name": "Alberto", "family_name": "Moreno", "phone": "(312) 555-0182", "language": "es"}
    assert "Added." in post(client, "say_who", new, item_id=item.public_id)
    with acting_as(nurse):
        assert Patient.objects.get().family_name == "Moreno", "from here on they are hers to see"
    accepted = {"decision": "accept", "program": "complex_care", "owner": nurse.pk}
    assert "Accepted. The first call is planned." in post(client, "decide", accepted, item_id=item.public_id)
    episode = OutreachEpisode.objects.get()
    assert "First call of 3" in shown(client, "episode", episode_id=episode.public_id)


def test_a_nurse_says_that_a_referral_is_about_somebody_she_could_not_see(client, nurse, patient):
    client.post(reverse("enrollment:public_self"), FORM)
    client.force_login(nurse)
    with acting_as(nurse):
        assert not Patient.objects.exists()
    item = TriageItem.objects.get()
    chosen = {"person": str(patient.public_id)}
    assert "Kept: this is who it is about." in post(client, "say_who", chosen, item_id=item.public_id)
    with acting_as(nurse):
        assert Patient.objects.get() == patient


def test_a_yes_ends_the_calls_and_is_not_forgotten_until_they_have_joined(client, nurse):
    client.post(reverse("enrollment:public_self"), FORM)
    client.force_login(nurse)
    item = TriageItem.objects.get()
    new = {"add": "1", "given_name": "Alberto", "family_name": "Moreno", "phone": "(312) 555-0182", "language": "es"}
    post(client, "say_who", new, item_id=item.public_id)
    post(client, "decide", {"decision": "accept", "program": "complex_care", "owner": nurse.pk}, item_id=item.public_id)
    episode = OutreachEpisode.objects.get()
    page = shown(client, "episode", episode_id=episode.public_id)
    assert "Food, My health and medicines" in page, "what they asked for is read before the first word"
    assert "this is our own time" in page, "nobody knows where they live"
    whom = {"public_id": episode.patient.public_id}
    said = [element.code for element in words.elements_for("complex_care")]
    answer = {"program": "complex_care", "how": "verbal", "language": "es", "elements": said}
    post(client, "agree", answer, **whom)
    assert set(Task.objects.open().values_list("kind", flat=True)) == {"enroll_agreed"}
    page = shown(client, "episode", episode_id=episode.public_id)
    assert reaching.AGREED in unescape(page) and "Done of the rule" not in page
    task = Task.objects.get(kind="enroll_agreed")
    assert "Enroll" in client.get(reverse("day:day")).content.decode()
    post(client, "enroll", {"program": "complex_care", "starts_on": timezone.localdate().isoformat()}, **whom)
    task.refresh_from_db()
    assert task.closed_because == Task.Closed.DONE


def test_a_yes_taken_back_before_they_joined_reminds_of_nothing(client, nurse, patient):
    TieFactory(user=nurse, patient=patient, population=None)
    client.force_login(nurse)
    whom = {"public_id": patient.public_id}
    for program in ("complex_care", "chronic_care"):
        said = [element.code for element in words.elements_for(program)]
        post(client, "agree", {"program": program, "how": "verbal", "language": "en", "elements": said}, **whom)
    post(client, "withdraw", {"program": "complex_care", "how": "phone"}, **whom)
    waiting = {task.about_public_id: task.closed_because for task in Task.objects.filter(kind="enroll_agreed")}
    standing = Consent.objects.standing().get()
    assert standing.program == "chronic_care" and waiting.pop(standing.public_id) is None
    assert set(waiting.values()) == {Task.Closed.WITHDRAWN}


def test_a_yes_of_long_ago_is_no_answer_to_an_offer_of_now(patient, supervisor):
    consenting.agree(
        patient=patient, program="complex_care", elements=[one.code for one in words.elements_for("complex_care")],
        how="verbal", language="en", by=supervisor, at=AT,
    )  # fmt: skip
    later = AT + timedelta(days=400)
    episode = reaching.start(
        patient=patient, program="complex_care", owner=supervisor, by=supervisor, on=later.date(), at=later
    )
    assert episode.next_means == "call", "nobody is left uncalled because of a yes that led nowhere"
