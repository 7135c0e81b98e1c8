"""What was not asked anew still stands as it was, and what is closed to everybody is laid before nobody."""

from datetime import date, timedelta

import pytest
from django.db import connection

from carewright.assessment import actions, queries
from carewright.kernel.errors import NotNow
from carewright.knowledge import comprehensive
from carewright.population.models import EdVisit, Run, Stay
from tests.assessment.test_queries import LATER, asked, codes
from tests.factories.assessment import AT, begun
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse():
    return UserFactory(role="care_manager")


def test_a_need_stays_while_the_question_has_not_been_asked_again(nurse):
    patient = PatientFactory()
    asked(patient, nurse, AT, q88122_7="LA6729-3", q88123_5="LA28398-8")
    again = begun(patient=patient, by=nurse, at=LATER, kind="ahc-hrsn-core")
    actions.answer(assessment=again, instrument="ahc-hrsn-core", link_id="/93030-5", value="LA33-6", by=nurse, at=LATER)
    now = queries.needs_for(patient, LATER.date())
    assert sorted(codes(now)) == ["food-insecurity", "transportation-insecurity"]
    food = next(one for one in now if one.need.code == "food-insecurity")
    assert (food.on, food.change) == (AT.date(), ""), "as old as its answer, and not said to be still so"
    for link in ("/88122-7", "/88123-5"):
        actions.answer(
            assessment=again, instrument="ahc-hrsn-core", link_id=link, value="LA28398-8", by=nurse, at=LATER
        )
    assert codes(queries.needs_for(patient, LATER.date())) == ["transportation-insecurity"]
    gone = queries.needs_for(patient, LATER.date(), gone=True)
    assert {one.need.code: one.change for one in gone}["food-insecurity"] == "gone"


def test_what_changed_is_compared_with_the_last_time_it_was_asked(nurse):
    patient = PatientFactory()
    asked(patient, nurse, AT, q88122_7="LA6729-3", q88123_5="LA28398-8")
    between = begun(patient=patient, by=nurse, at=AT + timedelta(days=30), kind="ahc-hrsn-core")
    actions.answer(
        assessment=between, instrument="ahc-hrsn-core", link_id="/93030-5", value="LA32-8", by=nurse,
        at=AT + timedelta(days=30),
    )  # fmt: skip
    actions.set_section(
        assessment=between,
        code="ahc-hrsn-core",
        status="declined",
        because="Tired",
        by=nurse,
        at=AT + timedelta(days=30),
    )
    actions.finish(assessment=between, by=nurse, at=AT + timedelta(days=30))
    asked(patient, nurse, LATER, q88122_7="LA6729-3", q88123_5="LA28398-8", q93030_5="LA32-8")
    assert {one.need.code: one.change for one in queries.needs_for(patient, LATER.date())} == {
        "food-insecurity": "still"
    }


def test_a_protected_visit_is_not_laid_before_anybody(nurse):
    patient = PatientFactory()
    day = date(2026, 11, 1)
    run = Run.objects.create(run_id="r1", as_of=day, received_at=AT, received_by="system:test", is_current=True)
    with connection.cursor() as cursor:
        for table in ("stay", "edvisit"):
            cursor.execute(f"create table {table}_of_test partition of population_{table} for values in ({run.pk})")
    Stay.objects.create(run=run, patient=patient, stay_id="s", admitted_on=day, discharged_on=day, tags=["part2"])
    EdVisit.objects.create(run=run, patient=patient, visit_id="v", visited_on=day, tags=["part2"])
    made = begun(patient=patient, by=nurse)
    assert not made.answers.filter(instrument="cw-health").exists()
    Stay.objects.create(run=run, patient=patient, stay_id="t", admitted_on=day, discharged_on=day, tags=["behavioral"])
    actions.stop(assessment=made, because="Again", by=nurse, at=AT)
    again = begun(patient=patient, by=nurse)
    assert again.answers.filter(instrument="cw-health").count() == 1, "what this reader may see is laid before them"


def test_a_section_nobody_asked_anything_in_is_not_done(nurse):
    made = begun(by=nurse)
    done = []
    for section in comprehensive.SECTIONS:
        try:
            actions.set_section(assessment=made, code=section.code, status="done", by=nurse, at=AT)
            done.append(section.code)
        except NotNow:
            pass
    assert done == []
