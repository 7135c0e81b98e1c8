"""A home with one received run, and people who look at it."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from carewright.population import receive
from carewright.population.models import Run
from carewright.registry.models import Identifier, Patient
from tests.factories.access import TieFactory
from tests.factories.staff import UserFactory
from tests.population.published import ordinary_world, write_run

NOW = timezone.now()


@pytest.fixture(scope="session")
def ordinary_run(tmp_path_factory):
    """The folder of one run of the warehouse over the ordinary world."""
    return write_run(tmp_path_factory.mktemp("runs") / "20261120T030000-aaaa", ordinary_world())


@pytest.fixture(scope="module")
def received(django_db_setup, django_db_blocker, ordinary_run):
    """The ordinary world, received once for a file of tests: what each test changes in it is taken back, as ever."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield receive.receive(ordinary_run, at=NOW, by="system:test")
        transaction.set_rollback(True)


def pytest_collection_modifyitems(items):
    """Tests of a world in which nothing was received come before those of the same file in which something was."""
    places = [place for place, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    ours = [items[place] for place in places]
    files = {path: number for number, path in enumerate(dict.fromkeys(item.path for item in ours))}
    ours.sort(key=lambda item: (files[item.path], "received" in item.fixturenames))
    for place, item in zip(places, ours, strict=True):
        items[place] = item


@pytest.fixture
def run(received, db):
    """The ordinary world, received."""
    return Run.objects.get(pk=received.pk)


@pytest.fixture
def patient(run):
    """Find a patient of the world by the name they have there."""

    def find(person_id: str) -> Patient:
        return Identifier.objects.get(system="person_id", value=person_id).patient

    return find


@pytest.fixture
def as_role(client):
    """Sign somebody in with a role and a tie to everyone, to a payer, or to nobody."""

    def sign_in(role: str, population: str | None = "everyone"):
        user = UserFactory(role=role)
        if population:
            TieFactory(user=user, patient=None, population=population, starts_on=date.today() - timedelta(days=1))
        client.force_login(user)
        return user

    return sign_in


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    """The second factor has tests of its own, in the web room."""
    settings.SECOND_FACTOR_ROLES = frozenset({"none"})
