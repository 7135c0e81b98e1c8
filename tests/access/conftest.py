"""What the tests of access share: people come in with a password alone."""

import pytest


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    """The second factor has tests of its own, in the web room."""
    settings.SECOND_FACTOR_ROLES = frozenset({"none"})
