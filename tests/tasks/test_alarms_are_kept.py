"""An alarm that was taken on is somebody's who can see it, may act on it and works here, for as long as it is open."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from carewright.access import guard
from carewright.channel.configuration import Sending
from carewright.kernel.errors import CannotDo, NotPermitted
from carewright.tasks import alarms, on_call
from carewright.tasks.models import Alarm, OnCallShift
from tests.factories.access import TieFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SYSTEM = "system:test"


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"none"})
    settings.CHANNEL = Sending(shows_only=True, phone="413-555-0100")


@pytest.fixture
def roster(db):
    """Ana is on call, Ben stands in."""
    ana, ben = UserFactory(first_name="Ana"), UserFactory(first_name="Ben")
    OnCallShift.objects.create(user=ana, backup_user=ben, starts_at=NOW - HOUR, ends_at=NOW + 13 * DAY)
    return ana, ben


@pytest.fixture
def alarm(roster) -> Alarm:
    return alarms.raise_alarm(patient=PatientFactory(), code="phq9_item9", because="Often.", by=SYSTEM, at=NOW)


def sees(user, alarm, at) -> bool:
    return guard.patients_for(user, on=at.date()).filter(pk=alarm.patient_id).exists()


def test_whoever_took_it_on_sees_the_patient_until_it_is_closed(alarm, roster):
    ana, ben = roster
    alarms.accept(alarm=alarm, by=ana, at=NOW)
    later = NOW + 5 * DAY
    assert not sees(ana, alarm, later), "being told of it gave two days"
    alarms.escalate_alarms(at=later, by=SYSTEM)
    assert sees(ana, alarm, later) and not sees(ben, alarm, later)
    alarms.close_alarm(alarm=alarm, disposition="safety_plan", words="Talked.", by=ana, at=later)
    alarms.escalate_alarms(at=later + 5 * DAY, by=SYSTEM)
    assert not sees(ana, alarm, later + 5 * DAY)


def test_an_alarm_of_somebody_who_left_is_nobodys_and_the_next_is_told(alarm, roster, client):
    ana, ben = roster
    alarms.accept(alarm=alarm, by=ana, at=NOW)
    assert alarms.escalate_alarms(at=NOW + 2 * HOUR, by=SYSTEM) == []
    ana.is_active = False
    ana.save()
    [told] = alarms.escalate_alarms(at=NOW + 3 * HOUR, by=SYSTEM)
    assert told.user == ben
    assert alarm in Alarm.objects.not_accepted()
    TieFactory(user=ben, patient=alarm.patient)
    client.force_login(ben)
    listed = client.get(reverse("tasks:alarms")).content.decode()
    assert "Nobody yet" in listed and reverse("tasks:accept", args=[alarm.public_id]) in listed
    alarms.accept(alarm=alarm, by=ben, at=NOW + 4 * HOUR)
    assert alarms.escalate_alarms(at=NOW + 6 * HOUR, by=SYSTEM) == []


@pytest.mark.parametrize("role", ["referral_coordinator", "pharmacist", "community_health_worker"])
def test_who_is_not_told_what_was_answered_neither_takes_it_on_nor_closes_it(alarm, role, client):
    other = UserFactory(role=role, credential="PharmD")
    TieFactory(user=other, patient=alarm.patient)
    client.force_login(other)
    page = client.get(reverse("tasks:alarm", args=[alarm.public_id])).content.decode()
    assert reverse("tasks:accept", args=[alarm.public_id]) not in page and "Tell whoever is on call" in page
    listed = client.get(reverse("tasks:alarms")).content.decode()
    assert reverse("tasks:alarm", args=[alarm.public_id]) in listed
    assert reverse("tasks:accept", args=[alarm.public_id]) not in listed
    client.post(reverse("tasks:accept", args=[alarm.public_id]))
    with pytest.raises(NotPermitted):
        alarms.close_alarm(alarm=alarm, disposition="no_danger", words="Fine.", by=other, at=NOW)
    alarm.refresh_from_db()
    assert (alarm.accepted_by, alarm.closed_at) == (None, None)


def test_the_roster_takes_nobody_who_is_not_told_what_alarms_tell(db):
    with pytest.raises(CannotDo, match="not open to the role"):
        on_call.add_shift(
            user=UserFactory(role="pharmacist"), backup_user=UserFactory(), starts_at=NOW, ends_at=NOW + DAY,
            by=UserFactory(role="supervisor"),
        )  # fmt: skip
