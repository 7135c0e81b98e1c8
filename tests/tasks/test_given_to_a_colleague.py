"""Work that is given to a colleague is seen by them: nobody's task is lost between two."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.access.models import Tie
from carewright.kernel.errors import NotNow
from carewright.tasks import actions
from carewright.tasks.models import Task
from tests.factories.access import TieFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"none"})


@pytest.fixture
def ruth():
    return PatientFactory(family_name="Abernathy")


@pytest.fixture
def nurse(ruth):
    nurse = UserFactory()
    TieFactory(user=nurse, patient=ruth)
    return nurse


def day_of(client, user) -> str:
    client.force_login(user)
    return client.get("/day").content.decode()


@pytest.mark.parametrize("to", ["user", "team"])
def test_a_task_that_is_handed_over_stands_on_the_day_of_whom_it_was_given_to(client, ruth, nurse, to):
    other = UserFactory(role="pharmacist")
    owner = f"user:{other.pk}" if to == "user" else f"team:{TeamFactory(members=[other]).pk}"
    task = actions.open_task(kind="medicine_review", patient=ruth, by=nurse, at=timezone.now())
    client.force_login(nurse)
    said = client.post(
        reverse("tasks:step", args=[task.public_id, "hand-over"]), {"owner": owner, "because": "Fourteen medicines"}
    )
    assert said.status_code == 302
    assert "Abernathy" in day_of(client, other)
    assert client.get(reverse("tasks:task", args=[task.public_id])).status_code == 200
    tie = Tie.objects.get(patient=ruth, because="cover")
    assert tie.ends_on is not None


def test_a_new_task_for_a_colleague_is_seen_by_them_and_one_of_ones_own_opens_nothing(client, ruth, nurse):
    other = UserFactory(role="social_worker")
    actions.open_task(kind="follow_up_call", patient=ruth, owner_user=other, by=nurse, at=timezone.now())
    actions.open_task(kind="review_plan", patient=ruth, by=nurse, at=timezone.now())
    assert "Abernathy" in day_of(client, other)
    assert Tie.objects.filter(patient=ruth).count() == 2


def test_a_call_about_safety_is_not_put_off_past_its_moment(ruth, nurse):
    at = timezone.now()
    task = actions.open_task(kind="safety_call", patient=ruth, by=nurse, at=at, due_at=at + timedelta(hours=4))
    with pytest.raises(NotNow, match="Snooze it to that moment at most"):
        actions.snooze(task=task, until=at + timedelta(days=2), because="Busy", by=nurse, at=at)
    actions.snooze(task=task, until=at + timedelta(hours=1), because="At school until then", by=nurse, at=at)
    assert Task.objects.get().snoozed_until is not None
