"""The pages of the plan: who may open them, what they show, how a form is refused."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.careplan.models import Goal, Intervention, Problem
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


def address(name, patient, *more):
    return reverse(f"careplan:{name}", args=[patient.public_id, *more])


def test_from_a_problem_to_a_printed_step(signed_in, tie):
    patient, day = tie.patient, (timezone.localdate() + timedelta(30)).isoformat()
    assert "Nothing is on the plan yet" in signed_in.get(address("plan", patient)).content.decode()
    signed_in.post(address("add_problem", patient), {"title": "Low mood", "priority": "high", "because": "PHQ-9 of 14"})
    problem = Problem.objects.get()
    signed_in.post(
        address("set_goal", patient) + f"?problem={problem.public_id}",
        {"words": "I want to cook again.", "target": "3 meals a week", "target_on": day, "confidence": "6"},
    )
    goal = Goal.objects.get()
    assert goal.problem == problem
    signed_in.post(
        address("add_step", patient) + f"?goal={goal.public_id}",
        {"words": "Order groceries", "who": "patient", "due_on": day, "goal": goal.public_id},
    )
    page = signed_in.get(address("plan", patient)).content.decode()
    for said in ("Low mood", "PHQ-9 of 14", "“I want to cook again.”", "3 meals a week", "6/10", "Order groceries"):
        assert said in page
    paper = signed_in.get(address("print", patient)).content.decode()
    assert "Order groceries" in paper
    assert "You" in paper
    signed_in.post(address("finish_step", patient, Intervention.objects.get().public_id))
    assert Intervention.objects.get().closed == "done"
    assert "Order groceries" not in signed_in.get(address("print", patient)).content.decode()


def test_a_goal_that_is_not_asked_for_confidence_says_so(signed_in, tie):
    day = (timezone.localdate() + timedelta(30)).isoformat()
    signed_in.post(address("set_goal", tie.patient), {"words": "Rest", "target": "8 hours", "target_on": day})
    assert "Not asked" in signed_in.get(address("plan", tie.patient)).content.decode()


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("add_problem", {"title": ""}, "This field is required."),
        ("set_goal", {"words": "x", "target": "y", "target_on": "2020-01-01"}, "lies ahead"),
        ("set_goal", {"words": "x", "target": "y", "target_on": "soon"}, "Enter a valid date."),
        ("add_step", {"words": "Call", "who": "staff", "due_on": "2030-01-01"}, "who of us"),
    ],
)
def test_what_is_missing_is_said_and_nothing_saved(signed_in, tie, name, given, said):
    answer = signed_in.post(address(name, tie.patient), given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not (Problem.objects.exists() or Goal.objects.exists() or Intervention.objects.exists())


def test_somebody_elses_patient_is_not_found(signed_in):
    assert signed_in.get(address("plan", PatientFactory())).status_code == 404


def test_a_role_that_plans_no_care_is_told_who_may(client, tie):
    tie.user.role = "analyst"
    tie.user.save()
    client.force_login(tie.user)
    assert client.get(address("plan", tie.patient)).status_code == 403


def test_a_goal_of_another_patient_is_not_found(signed_in, tie):
    other = PatientFactory()
    goal = Goal.objects.create(
        patient=other,
        words="x",
        target="y",
        target_on=timezone.localdate(),
        set_at=timezone.now(),
        set_by=UserFactory(),
    )
    assert signed_in.get(address("reword_goal", tie.patient, goal.public_id)).status_code == 404


def test_words_are_shown_as_words(signed_in, tie):
    day = (timezone.localdate() + timedelta(30)).isoformat()
    signed_in.post(
        address("set_goal", tie.patient), {"words": "<script>alert(1)</script>", "target": "y", "target_on": day}
    )
    assert "<script>alert" not in signed_in.get(address("plan", tie.patient)).content.decode()
