"""A care manager who sees the candidates and her own patients, as in life: nothing on the road needs more sight."""

import pytest
from django.urls import reverse

from carewright.access.actor import acting_as
from carewright.enrollment.models import OutreachEpisode, TriageItem
from carewright.registry.models import Patient
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
