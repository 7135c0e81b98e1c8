"""People who work with patients on their way, and a moment that every test begins at."""

from datetime import UTC, date, datetime, timedelta

import pytest

from carewright.contacts.models import Contact
from tests.factories.access import TieFactory
from tests.factories.registry import AddressFactory, ContactPointFactory, PatientFactory
from tests.factories.staff import UserFactory

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)  # Monday, 9 in the morning in Chicago
ON = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    """The second factor has tests of its own."""
    settings.SECOND_FACTOR_ROLES = frozenset({"none"})


@pytest.fixture
def nurse(db):
    """A care manager who may see everyone."""
    user = UserFactory(role="care_manager", first_name="Maria", last_name="Delgado")
    TieFactory(user=user, patient=None, population="everyone")
    return user


@pytest.fixture
def supervisor(db):
    """A supervisor who may see everyone."""
    user = UserFactory(role="supervisor", first_name="Priya", last_name="Nair")
    TieFactory(user=user, patient=None, population="everyone")
    return user


@pytest.fixture
def patient(db):
    """Somebody in Chicago with a phone and an address."""
    found = PatientFactory(given_name="Alberto", family_name="Moreno", born_on=date(1958, 3, 17))
    ContactPointFactory(patient=found, value="(312) 555-0182")
    AddressFactory(patient=found, line="12 Elm Street", city="Chicago", state="IL", zip_code="60601")
    return found


@pytest.fixture
def called(patient, nurse):
    """Write down a call to the patient at a moment."""

    def call(at: datetime, ended: str = "no_answer", *, kind: str = "call", point=None, **more) -> Contact:
        return Contact.objects.create(
            patient=more.pop("patient", patient), kind=kind, started_at=at, ended=ended, by=nurse,
            recorded_at=at + timedelta(minutes=1), contact_point=point, **more,
        )  # fmt: skip

    return call
