"""What is due of assessments stands on somebody's day, once, and goes when it was done."""

from datetime import date, timedelta

import pytest

from carewright.assessment import actions, reminders
from carewright.tasks.models import Task
from tests.factories.assessment import AT, begun, finished_briefly
from tests.factories.enrollment import EnrollmentFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
ON = AT.date()


@pytest.fixture
def nurse():
    return UserFactory(role="care_manager")


@pytest.fixture
def enrollment(nurse):
    return EnrollmentFactory(
        lead=nurse, led_since=date(2026, 11, 2), starts_on=date(2026, 11, 2), program="complex_care"
    )


def open_tasks():
    return [(task.kind, task.owner_user_id, task.due_at.date()) for task in Task.objects.open().order_by("pk")]


def night(on=ON, at=AT):
    return reminders.each_night(on=on, at=at, by="system:nightly")


def test_a_night_reminds_the_lead_once(enrollment, nurse):
    night()
    night()
    assert open_tasks() == [("begin_assessment", nurse.pk, date(2026, 12, 2))]


def test_beginning_brings_the_end_and_finishing_leaves_nothing(enrollment, nurse):
    night()
    made = begun(patient=enrollment.patient, by=nurse, program="complex_care", eligible_on=date(2026, 11, 2))
    assert open_tasks() == [("finish_assessment", nurse.pk, date(2027, 1, 1))]
    finished_briefly(made, by=nurse, verdict="confirmed", because="Lives alone")
    assert open_tasks() == []


def test_giving_up_brings_the_beginning_back(enrollment, nurse):
    made = begun(patient=enrollment.patient, by=nurse, program="complex_care", eligible_on=date(2026, 11, 2))
    actions.stop(assessment=made, because="Wrong person on the line", by=nurse, at=AT)
    assert open_tasks() == [("begin_assessment", nurse.pk, date(2026, 12, 2))]


def test_assess_again_comes_up_a_month_before(enrollment, nurse):
    made = begun(patient=enrollment.patient, by=nurse)
    finished_briefly(made, by=nurse)
    later = AT + timedelta(days=340)
    night(on=later.date(), at=later)
    assert open_tasks() == [("reassess", nurse.pk, date(2027, 11, 20))]


def test_quality_of_life_is_asked_again_between_two_assessments(enrollment, nurse):
    made = begun(patient=enrollment.patient, by=nurse)
    for link, value in (("general-health", "fair"), ("physical-days", 9), ("mental-days", 2), ("limited-days", 4)):
        actions.answer(assessment=made, instrument="hrqol-4", link_id=link, value=value, by=nurse, at=AT)
    finished_briefly(made, by=nurse)
    later = AT + timedelta(days=160)
    night(on=later.date(), at=later)
    assert open_tasks() == [("ask_quality_of_life", nurse.pk, date(2027, 5, 20))]
    again = begun(patient=enrollment.patient, by=nurse, at=later, kind="hrqol-4", reason="half_year")
    for link, value in (("general-health", "good"), ("physical-days", 4), ("mental-days", 2), ("limited-days", 1)):
        actions.answer(assessment=again, instrument="hrqol-4", link_id=link, value=value, by=nurse, at=later)
    actions.set_section(assessment=again, code="hrqol-4", status="done", by=nurse, at=later)
    actions.finish(assessment=again, by=nurse, at=later)
    assert open_tasks() == [], "asked, and its reminder goes at once"


def test_a_night_costs_no_more_questions_for_sixty_people_who_are_in_step(nurse, django_assert_max_num_queries):
    for _each in range(60):
        EnrollmentFactory(lead=nurse, led_since=date(2026, 11, 2), starts_on=date(2026, 11, 2), program="complex_care")
    assert night() == 60
    with django_assert_max_num_queries(8):
        assert night() == 60


def test_who_leads_a_new_patient_is_reminded_within_a_minute_and_not_again_once_it_is_closed(nurse):
    def minute():
        return reminders.for_new_leads(on=ON, at=AT, by="system:minutely")

    EnrollmentFactory(lead=None, led_since=None, starts_on=ON)
    EnrollmentFactory(lead=nurse, led_since=ON - timedelta(days=20), starts_on=ON - timedelta(days=20))
    assert minute() == 0, "nobody leads the one, and the night has seen the other"
    new = EnrollmentFactory(lead=nurse, led_since=ON, starts_on=ON)
    assert minute() == 1
    assert minute() == 0
    (task,) = Task.objects.open()
    assert (task.patient, task.kind, task.owner_user) == (new.patient, "begin_assessment", nurse)
    task.closed_at, task.closed_because = AT, "done"
    task.save()
    assert minute() == 0


def test_who_left_today_is_asked_nothing_more(enrollment, nurse):
    enrollment.ends_on, enrollment.end_reason = ON, "moved"
    enrollment.save()
    night()
    made = begun(patient=enrollment.patient, by=nurse, at=AT)
    actions.stop(assessment=made, because="They left", by=nurse, at=AT)
    assert open_tasks() == [], "leaving counts from its minute"
