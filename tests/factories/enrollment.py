"""Invented referrals, consents and enrollments."""

from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory

from carewright.enrollment.models import Consent, Enrollment, OutreachEpisode, TriageItem
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory


class ConsentFactory(DjangoModelFactory):
    """A yes to complex care, said on the phone on March 2, 2026."""

    class Meta:
        model = Consent

    patient = factory.SubFactory(PatientFactory)
    program = "complex_care"
    answer = "agreed"
    elements = ["what_it_is", "free_choice", "stop_any_time", "data_sharing", "how_to_reach_us"]
    version = "2026-11"
    how = "verbal"
    language = "en"
    at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    by = factory.SubFactory(UserFactory)


class EnrollmentFactory(DjangoModelFactory):
    """An open enrollment in complex care since March 2, 2026, resting on a consent of that day; nobody leads yet."""

    class Meta:
        model = Enrollment

    patient = factory.SubFactory(PatientFactory)
    program = "complex_care"
    consent = factory.SubFactory(
        ConsentFactory, patient=factory.SelfAttribute("..patient"), program=factory.SelfAttribute("..program")
    )
    starts_on = date(2026, 3, 2)
    led_since = factory.LazyAttribute(lambda made: made.starts_on if made.lead else None)
    lead = None


class TriageItemFactory(DjangoModelFactory):
    """Somebody who asked for help by themselves on March 2, 2026; nobody has said who it is."""

    class Meta:
        model = TriageItem

    door = "self"
    opened_at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    due_at = datetime(2026, 3, 4, 22, tzinfo=UTC)


class OutreachFactory(DjangoModelFactory):
    """An episode that began on March 2, 2026; nothing is planned yet."""

    class Meta:
        model = OutreachEpisode

    patient = factory.SubFactory(PatientFactory)
    program = "complex_care"
    rule = "new"
    owner = factory.SubFactory(UserFactory)
    opened_at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    opened_by = "system:test"
