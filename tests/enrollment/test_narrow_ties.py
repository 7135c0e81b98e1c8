"""Colleagues who see a few patients and nobody else: what the house must know, it knows; what they end stays in order."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.contacts.models import Contact, MinutesEntry
from carewright.enrollment.models import Enrollment
from carewright.tasks.models import Task
from tests.enrollment.test_pages import post
from tests.factories.access import TieFactory
from tests.factories.enrollment import EnrollmentFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(patient):
    """She leads one patient and sees nobody else."""
    user = UserFactory(role="care_manager", first_name="Ana", last_name="Lund")
    TieFactory(user=user, patient=patient, population=None, because="caseload")
    return user


def test_a_lead_confirms_a_death_of_some_days_ago_and_writes_to_the_family(client, lead, patient):
    EnrollmentFactory(patient=patient, lead=lead)
    client.force_login(lead)
    today, whom = timezone.localdate(), {"public_id": patient.public_id}
    post(client, "death", {"report": "1", "source": "family", "words": ""}, **whom)
    died_on = (today - timedelta(days=3)).isoformat()
    page = post(client, "death", {"confirm": "1", "died_on": died_on, "words": "Death notice"}, **whom)
    assert "Traceback" not in page
    enrollment = Enrollment.objects.get()
    assert enrollment.end_reason == "died" and not enrollment.consent.stands
    letter = Task.objects.open().get()
    assert letter.owner_user == lead and letter.about_kind == "condolence"
    with acting_as(lead, on=today + timedelta(days=7)):
        assert Task.objects.filter(pk=letter.pk).exists(), "a letter nobody sees is a letter nobody writes"


def test_a_minute_does_not_count_twice_though_the_other_patient_is_out_of_sight(client, lead, patient):
    other, now = PatientFactory(), timezone.now().replace(second=0, microsecond=0)
    MinutesEntry.objects.create(
        user=lead, patient=other, starts_at=now - timedelta(minutes=30), ends_at=now - timedelta(minutes=10),
        entered_at=now,
    )  # fmt: skip
    client.force_login(lead)
    typed = {
        "kind": "call", "direction": "out", "with_whom": "patient", "ended": "reached", "books_minutes": "on",
        "started_at": f"{timezone.localtime(now - timedelta(minutes=20)):%Y-%m-%dT%H:%M}",
        "ended_at": f"{timezone.localtime(now - timedelta(minutes=5)):%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    answer = client.post(reverse("contacts:new", args=[patient.public_id]), typed)
    assert answer.status_code == 422 and "no minute counts twice" in answer.content.decode()
    assert not Contact.objects.exists()
