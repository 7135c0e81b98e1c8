"""A patient who may be texted, in Boston, and a house that can send."""

from datetime import UTC, datetime

import pytest

from carewright.channel.configuration import Sending
from tests.factories.registry import AddressFactory, ContactPointFactory, PatientFactory
from tests.factories.staff import OrganizationFactory, UserFactory

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # noon in Boston, a Monday


@pytest.fixture
def sending(settings):
    """Everything is set, and nothing leaves."""
    settings.CHANNEL = Sending(shows_only=True, phone="413-555-0100")
    return settings.CHANNEL


@pytest.fixture
def ruth(sending):
    """Ruth lives in Springfield, Massachusetts."""
    OrganizationFactory(name="Riverside Care")
    patient = PatientFactory(given_name="Ruth")
    AddressFactory(patient=patient, state="MA", zip_code="01103")
    return patient


@pytest.fixture
def phone(ruth):
    """Ruth's phone; she agreed to texts."""
    return ContactPointFactory(patient=ruth, value="413-555-0123", text_consent="given", consent_at=NOON)


@pytest.fixture
def nurse():
    """Who sends."""
    return UserFactory()
