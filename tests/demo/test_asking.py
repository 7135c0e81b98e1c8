"""The assessments of a demo: one finished, one half done by two people, one asked again, one received."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from carewright.assessment import clocks, queries
from carewright.assessment.models import Answer, Assessment, Section
from carewright.careplan.models import Problem
from carewright.demo import asking
from carewright.tasks.models import Alarm
from tests.factories.enrollment import EnrollmentFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


def test_a_demo_has_every_kind_of_assessment_and_no_danger():
    nurse, social_worker = UserFactory(role="care_manager"), UserFactory(role="social_worker")
    at, on = timezone.now(), timezone.localdate()
    child, *grown = (
        EnrollmentFactory(lead=nurse, patient=PatientFactory(born_on=born), starts_on=date(2026, 3, 2))
        for born in (date(2018, 5, 1), *[date(1950, 5, 1)] * 4)
    )
    others = [
        EnrollmentFactory(lead=social_worker, patient=PatientFactory(born_on=date(1950, 5, 1), language=language),
                          starts_on=date(2026, 3, 2))
        for language in ("en", "en", "en", "es")
    ]  # fmt: skip
    newcomer = EnrollmentFactory(
        lead=social_worker, patient=PatientFactory(born_on=date(1950, 5, 1)), starts_on=on - timedelta(days=3)
    )
    assert asking.ask(nurse, social_worker, on=on, at=at) == 9 + 2 + 4
    first, second, third, fourth = (one.patient for one in grown)
    assert not child.patient.assessments.exists()

    whole = first.assessments.get(kind="comprehensive")
    assert whole.verdict == "confirmed" and {one.status for one in whole.sections.all()} == {"done", "declined"}
    needs = {one.need.code: one.change for one in queries.needs_for(first, on, gone=True)}
    assert needs["transportation-insecurity"] == "new" and needs["food-insecurity"] == "gone"
    assert Problem.objects.get(patient=first).need_code == "transportation-insecurity"

    half = second.assessments.get()
    assert half.is_open
    assert set(half.sections.filter(status="done").values_list("by", flat=True)) == {nurse.pk, social_worker.pk}
    assert half.sections.filter(status=Section.Status.NOT_STARTED).count() == 11

    days = [int(row.value) for row in queries.score_history(third, "hrqol-4", "unhealthy-days")]
    assert (days[0], days[-1]) == (24, 15) and clocks.quality_of_life_due(
        third, program="complex_care", on=on
    ) is not None
    sent = fourth.assessments.get(kind="gad-7")
    assert (sent.reason, sent.source) == (Assessment.Reason.RECEIVED, "Oakwood Clinic portal")
    assert "anxiety" in [one.need.code for one in queries.needs_for(fourth, on)]
    assert not Alarm.objects.exists(), "no alarm is invented"
    assert not Answer.objects.filter(link_id="message", code="no").exists(), "nor a phone that is not safe"

    assert not newcomer.patient.assessments.exists(), "who just joined is still to be asked"
    followed = [one for one in (*grown, *others) if one.patient != second]
    late = clocks.look_ahead([(one.patient, one.program, one.starts_on) for one in followed], on=on, within_days=0)
    assert late == []
    spoken = others[-1].patient.assessments.get()
    assert (spoken.finished_by, spoken.answers.get(link_id="language").text) == (social_worker, "Spanish")
    asked = grown[2].patient.assessments.get(kind="comprehensive")
    assert asked.results.count() == spoken.results.count() > 5, "the same scores, whether asked or written together"
    assert {row.section.assessment for row in spoken.answers.select_related("section__assessment")} == {spoken}
