"""A care manager with a tie to one patient, signed in."""

import pytest

from tests.factories.access import TieFactory


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"none"})


@pytest.fixture
def tie(db):
    return TieFactory()


@pytest.fixture
def signed_in(client, tie):
    client.force_login(tie.user)
    return client
