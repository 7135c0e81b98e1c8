"""Assessments of invented patients."""

from datetime import UTC, datetime

from carewright.assessment import actions
from carewright.assessment.models import Assessment
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

AT = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


def begun(patient=None, by=None, at=AT, kind=Assessment.COMPREHENSIVE, **facts) -> Assessment:
    """An assessment that has just been begun."""
    return actions.start(
        patient=patient or PatientFactory(), by=by or UserFactory(role="care_manager"), at=at, kind=kind, **facts
    )
