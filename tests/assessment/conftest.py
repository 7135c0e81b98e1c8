"""What the walks and pages of assessments stand on."""

from datetime import date, timedelta

import pytest

from tests.factories.access import TieFactory
from tests.factories.staff import UserFactory


@pytest.fixture
def as_role(client, settings):
    """Sign somebody in with a role and a tie to everyone."""
    settings.SECOND_FACTOR_ROLES = frozenset({"none"})

    def sign_in(role: str = "care_manager", population: str = "everyone"):
        user = UserFactory(role=role)
        if population:
            TieFactory(user=user, patient=None, population=population, starts_on=date.today() - timedelta(days=1))
        client.force_login(user)
        return user

    return sign_in
