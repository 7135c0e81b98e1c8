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


def finished_briefly(assessment, *, by, at=AT, **ending):
    """One answer, everything else declined, and finished."""
    actions.answer(assessment=assessment, instrument="cw-goals", link_id="matters", value="Family", by=by, at=at)
    for code in assessment.sections.values_list("code", flat=True):
        actions.set_section(assessment=assessment, code=code, status="declined", because="Too tired", by=by, at=at)
    return actions.finish(assessment=assessment, by=by, at=at, **ending)
