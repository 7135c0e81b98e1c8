"""What may and may not become of a problem, a goal and a step."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from carewright.audit.models import Entry
from carewright.careplan import actions, queries
from carewright.careplan.models import Goal, Intervention, Problem
from carewright.kernel.errors import CannotDo, NotNow
from carewright.tasks.models import Task
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
LATER = date(2027, 3, 28)


def a_goal(patient, by, **given):
    return actions.set_goal(
        patient=patient, words="I want to walk to church by Easter.", target="Walk 400 m", target_on=LATER, by=by, at=AT,
        **given,
    )  # fmt: skip


def test_one_open_problem_per_need():
    patient, nurse = PatientFactory(), UserFactory()
    first = actions.add_problem(patient=patient, title="Low mood", need_code="depression", by=nurse, at=AT)
    with pytest.raises(NotNow, match="Low mood"):
        actions.add_problem(patient=patient, title="Sad", need_code="depression", by=nurse, at=AT)
    actions.resolve_problem(problem=first, because="PHQ-9 is 3", by=nurse, at=AT)
    actions.add_problem(patient=patient, title="Low mood again", need_code="depression", by=nurse, at=AT)
    assert Problem.objects.open().get().title == "Low mood again"


def test_a_problem_with_an_open_goal_is_not_resolved():
    patient, nurse = PatientFactory(), UserFactory()
    problem = actions.add_problem(patient=patient, title="Falls", by=nurse, at=AT)
    goal = a_goal(patient, nurse, problem=problem)
    with pytest.raises(NotNow, match="1 of its goals"):
        actions.resolve_problem(problem=problem, because="done", by=nurse, at=AT)
    actions.end_goal(goal=goal, outcome="met", because="", by=nurse, at=AT)
    actions.resolve_problem(problem=problem, because="No fall in a year", by=nurse, at=AT)
    assert queries.plan_of(patient).resolved == [problem]


def test_a_goal_never_hangs_on_another_persons_problem():
    nurse = UserFactory()
    theirs = actions.add_problem(patient=PatientFactory(), title="Falls", by=nurse, at=AT)
    with pytest.raises(CannotDo, match="another patient"):
        a_goal(PatientFactory(), nurse, problem=theirs)


def test_a_goal_in_the_past_is_refused():
    with pytest.raises(CannotDo, match="lies ahead"):
        actions.set_goal(
            patient=PatientFactory(), words="x", target="y", target_on=date(2026, 11, 22), by=UserFactory(), at=AT
        )


def test_a_step_of_ours_reminds_its_owner_and_closes_with_it():
    patient, nurse, colleague = PatientFactory(), UserFactory(), UserFactory()
    goal = a_goal(patient, nurse)
    step = actions.add_step(
        patient=patient, goal=goal, words="Book a ride", who="staff", owner=colleague, due_on=LATER, by=nurse, at=AT
    )
    task = Task.objects.get()
    assert (task.owner_user, task.kind, task.about_public_id, task.patient) == (
        colleague,
        "plan_step",
        step.public_id,
        patient,
    )
    actions.finish_step(step=step, by=colleague, at=AT)
    task.refresh_from_db()
    assert task.closed_because == "done"
    with pytest.raises(NotNow):
        actions.finish_step(step=step, by=colleague, at=AT)


def test_the_patients_own_step_makes_no_task():
    patient, nurse = PatientFactory(), UserFactory()
    actions.add_step(patient=patient, words="Weigh each morning", who="patient", due_on=LATER, by=nurse, at=AT)
    assert not Task.objects.exists()


def test_a_step_of_ours_needs_one_of_us():
    with pytest.raises(CannotDo, match="who of us"):
        actions.add_step(patient=PatientFactory(), words="Call", who="staff", due_on=LATER, by=UserFactory(), at=AT)


def test_ending_a_goal_drops_its_steps_with_their_tasks():
    patient, nurse = PatientFactory(), UserFactory()
    goal = a_goal(patient, nurse)
    step = actions.add_step(
        patient=patient, goal=goal, words="Call PT", who="staff", owner=nurse, due_on=LATER, by=nurse, at=AT
    )
    with pytest.raises(CannotDo, match="Say why"):
        actions.end_goal(goal=goal, outcome="dropped", because=" ", by=nurse, at=AT)
    actions.end_goal(goal=goal, outcome="dropped", because="“Not now”", by=nurse, at=AT)
    step.refresh_from_db()
    assert (step.closed, step.closed_because) == ("dropped", "The goal ended.")
    assert Task.objects.get().closed_because == "not_needed"


def test_two_people_do_not_overwrite_each_other():
    patient, ana, ben = PatientFactory(), UserFactory(), UserFactory()
    goal = a_goal(patient, ana)
    opened = datetime(2020, 1, 1, tzinfo=UTC)
    given = {"target": "Walk 500 m", "target_on": LATER, "in_the_way": "", "confidence": 6}
    actions.reword_goal(goal=goal, words="I want to dance.", by=ana, seen=opened, **given)
    with pytest.raises(NotNow, match="Somebody changed this goal"):
        actions.reword_goal(goal=goal, words="I want to swim.", by=ben, seen=opened, **given)
    goal.refresh_from_db()
    assert goal.words == "I want to dance."
    assert [version.words for version in goal.history.all()] == ["I want to walk to church by Easter."]


@pytest.mark.parametrize("confidence", [-1, 11])
def test_confidence_is_between_0_and_10(confidence):
    with pytest.raises(ValidationError):
        a_goal(PatientFactory(), UserFactory(), confidence=confidence)


def test_every_change_is_written_down():
    patient, nurse = PatientFactory(), UserFactory()
    goal = a_goal(patient, nurse)
    step = actions.add_step(patient=patient, goal=goal, words="Walk", who="patient", due_on=LATER, by=nurse, at=AT)
    actions.drop_step(step=step, because="Knee hurts", by=nurse, at=AT)
    said = list(Entry.objects.filter(patient_ids=[patient.pk]).order_by("pk").values_list("did", flat=True))
    assert said == ["set_goal", "added_step", "dropped_step"]


class EverythingStaysOnThePlan(TestCase):
    """Whatever is done to a plan, nothing that was on it is lost from the page."""

    @given(st.lists(st.sampled_from(["problem", "goal", "step", "finish", "drop", "end", "resolve"]), max_size=12))
    def test_nothing_is_lost(self, doings):
        patient, nurse = PatientFactory(), UserFactory()
        for number, doing in enumerate(doings):
            at = AT + timedelta(minutes=number)
            problem = Problem.objects.open().filter(patient=patient).first()
            goal = Goal.objects.open().filter(patient=patient).last()
            step = Intervention.objects.open().filter(patient=patient).last()
            try:
                match doing:
                    case "problem":
                        actions.add_problem(patient=patient, title=f"P{number}", by=nurse, at=at)
                    case "goal":
                        a_goal(patient, nurse, problem=problem)
                    case "step":
                        actions.add_step(
                            patient=patient, goal=goal, words=f"S{number}", who="patient", due_on=LATER, by=nurse, at=at
                        )
                    case "finish" if step:
                        actions.finish_step(step=step, by=nurse, at=at)
                    case "drop" if step:
                        actions.drop_step(step=step, because="x", by=nurse, at=at)
                    case "end" if goal:
                        actions.end_goal(goal=goal, outcome="met", because="", by=nurse, at=at)
                    case "resolve" if problem:
                        actions.resolve_problem(problem=problem, because="x", by=nurse, at=at)
            except NotNow:
                continue
        plan = queries.plan_of(patient)
        assert len(plan.problems) + len(plan.resolved) == Problem.objects.filter(patient=patient).count()
        assert len(plan.goals) + len(plan.ended_goals) == Goal.objects.filter(patient=patient).count()
        of_open = sum(len(shown.steps) for shown in plan.goals) + len(plan.loose_steps)
        of_ended = Intervention.objects.filter(goal__in=plan.ended_goals).count()
        assert of_open + of_ended == Intervention.objects.filter(patient=patient).count()


def test_a_reminder_of_a_concealed_matter_names_nothing():
    patient, nurse = PatientFactory(), UserFactory()
    problem = actions.add_problem(
        patient=patient, title="Not safe at home", need_code="interpersonal-safety", by=nurse, at=AT
    )
    private = a_goal(patient, nurse, problem=problem)
    actions.add_step(
        patient=patient,
        goal=private,
        words="Visit the shelter",
        who="staff",
        owner=nurse,
        due_on=LATER,
        by=nurse,
        at=AT,
    )
    actions.add_step(
        patient=patient, goal=a_goal(patient, nurse), words="Order the walker", who="staff", owner=nurse, due_on=LATER,
        by=nurse, at=AT,
    )  # fmt: skip
    told = {(task.title, task.why) for task in Task.objects.filter(patient=patient)}
    assert told == {
        ("Private follow-up", "See the plan."),
        ("Order the walker", "For the goal: I want to walk to church by Easter."),
    }
