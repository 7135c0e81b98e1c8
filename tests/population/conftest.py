"""A home with one received run, and people who look at it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from carewright.population import receive
from carewright.registry.models import Identifier, Patient
from tests.factories.access import TieFactory
from tests.factories.staff import UserFactory
from tests.population.published import ordinary_world, write_run

NOW = timezone.now()


@pytest.fixture(scope="session")
def ordinary_run(tmp_path_factory):
    """The folder of one run of the warehouse over the ordinary world."""
    return write_run(tmp_path_factory.mktemp("runs") / "20261120T030000-aaaa", ordinary_world())


@pytest.fixture
def run(db, ordinary_run):
    """The ordinary world, received."""
    return receive.receive(ordinary_run, at=NOW, by="system:test")


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
