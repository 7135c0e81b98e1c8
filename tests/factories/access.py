"""Invented ties between colleagues and patients."""

from datetime import date, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from carewright.access.models import BreakGlass, Tie
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory


class TieFactory(DjangoModelFactory):
    """
    A colleague's tie to one patient since January 1, 2020.

    `TieFactory(user=nurse, population="everyone")` ties to a population; `TieFactory(team=team, user=None)` a team.
    """

    class Meta:
        model = Tie

    user = factory.SubFactory(UserFactory)
    patient = factory.Maybe("population", yes_declaration=None, no_declaration=factory.SubFactory(PatientFactory))
    population = None
    because = "caseload"
    starts_on = date(2020, 1, 1)


class BreakGlassFactory(DjangoModelFactory):
    """A glass broken just now, open for an hour."""

    class Meta:
        model = BreakGlass

    user = factory.SubFactory(UserFactory)
    patient = factory.SubFactory(PatientFactory)
    reason = "medical_emergency"
    words = "Found unresponsive at home; the paramedics ask for medicines."
    starts_at = factory.LazyFunction(timezone.now)
    ends_at = factory.LazyAttribute(lambda glass: glass.starts_at + timedelta(minutes=60))
