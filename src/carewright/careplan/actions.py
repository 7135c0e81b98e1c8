"""Every change of a plan, each written down with who made it. A step of ours opens the task that reminds of it."""

from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from carewright.audit import actions as audit
from carewright.careplan.models import Goal, Intervention, Priority, Problem
from carewright.kernel.errors import CannotDo, NotNow
from carewright.knowledge import needs
from carewright.registry.models import Patient
from carewright.staff.models import User
from carewright.tasks import actions as tasks
from carewright.tasks import sentences
from carewright.tasks.models import Task

STEP = "careplan.intervention"
END_OF_DAY = time(17, 0)


def add_problem(
    *, patient: Patient, title: str, by: User, at: datetime, priority: str = Priority.MEDIUM, need_code: str = "",
    because: str = "",
) -> Problem:  # fmt: skip
    """
    Put a problem on the plan.

    With `need_code`, the need an assessment found: an open problem for the same need is refused, join that one.
    """
    if need_code and (known := Problem.objects.open().filter(patient=patient, need_code=need_code).first()):
        raise NotNow(_("The plan has this problem already: %(title)s.") % {"title": known.title})
    problem = Problem(
        patient=patient, title=title.strip(), priority=priority, need_code=need_code, because=because.strip(),
        opened_at=at, opened_by=by,
    )  # fmt: skip
    with audit.change(problem, by=by, did="added_problem"):
        pass
    return problem


def leave_off(
    *, patient: Patient, title: str, need_code: str, because: str, reason: str, by: User, at: datetime
) -> Problem:
    """
    Decide with the patient that a need stays off the plan, and why; it is offered again when newer answers show it.

    It is kept as a problem that was closed the moment it was opened, so that the plan tells of it under what has ended.
    """
    if not reason.strip():
        raise CannotDo(_("Say why it stays off the plan."))
    if known := Problem.objects.open().filter(patient=patient, need_code=need_code).first():
        raise NotNow(_("The plan has this problem already: %(title)s.") % {"title": known.title})
    problem = Problem(
        patient=patient, title=title, need_code=need_code, because=because, opened_at=at, opened_by=by, resolved_at=at,
        resolved_by=by, resolved_because=reason.strip(),
    )  # fmt: skip
    with audit.change(problem, by=by, did="left_need_off", why=reason):
        pass
    return problem


def resolve_problem(*, problem: Problem, because: str, by: User, at: datetime) -> Problem:
    """Take a problem off the open list, with why; its goals must have ended first."""
    if problem.resolved_at is not None:
        raise NotNow(_("This problem is resolved already."))
    if not because.strip():
        raise CannotDo(_("Say why it is resolved."))
    if left := problem.goals.open().count():
        raise NotNow(_("%(n)s of its goals are open. End them first, so that nobody loses sight of one.") % {"n": left})
    with audit.change(problem, by=by, did="resolved_problem", why=because):
        problem.resolved_at, problem.resolved_by, problem.resolved_because = at, by, because.strip()
    return problem


def set_goal(
    *, patient: Patient, words: str, target: str, target_on: date, by: User, at: datetime, problem: Problem | None = None,
    in_the_way: str = "", confidence: int | None = None,
) -> Goal:  # fmt: skip
    """Write down what the patient wants, in their words, with a target both can see and a day."""
    if problem is not None and problem.patient_id != patient.pk:
        raise CannotDo(_("This problem is another patient's."))
    if target_on < timezone.localdate(at):
        raise CannotDo(_("The day of a goal lies ahead. Choose today or a later day."))
    goal = Goal(
        patient=patient, problem=problem, words=words.strip(), target=target.strip(), target_on=target_on,
        in_the_way=in_the_way.strip(), confidence=confidence, set_at=at, set_by=by,
    )  # fmt: skip
    with audit.change(goal, by=by, did="set_goal"):
        pass
    return goal


@transaction.atomic
def reword_goal(
    *, goal: Goal, words: str, target: str, target_on: date, in_the_way: str, confidence: int | None, by: User,
    seen: datetime | None = None,
) -> Goal:  # fmt: skip
    """
    Change a goal as the patient now says it; the earlier words stay in its history.

    `seen` is the moment the form was opened: if somebody else changed the goal after it, nothing is overwritten. Two who
    save in the same moment write one after the other, and the second is told.
    """
    goal = Goal.objects.select_for_update().get(pk=goal.pk)
    if goal.ended_at is not None:
        raise NotNow(_("This goal has ended. Set a new one."))
    latest = goal.history.order_by("-pgh_created_at").first()  # type: ignore[attr-defined]
    if seen is not None and latest is not None and latest.pgh_created_at > seen:
        raise NotNow(_("Somebody changed this goal while you were writing. Read it again before you save."))
    with audit.change(goal, by=by, did="reworded_goal"):
        goal.words, goal.target, goal.target_on = words.strip(), target.strip(), target_on
        goal.in_the_way, goal.confidence = in_the_way.strip(), confidence
    return goal


@transaction.atomic
def end_goal(*, goal: Goal, outcome: str, because: str, by: User, at: datetime) -> Goal:
    """Say how a goal ended. Its open steps are dropped with it, and their tasks close."""
    if goal.ended_at is not None:
        raise NotNow(_("This goal has ended already."))
    if outcome not in Goal.Outcome.values:
        raise CannotDo(_("Say how it ended: reached, partly reached, not reached, or no longer wanted."))
    if outcome in {Goal.Outcome.NOT_MET, Goal.Outcome.DROPPED} and not because.strip():
        raise CannotDo(_("Say why, in the patient's words if you can."))
    for step in goal.interventions.open():
        drop_step(step=step, because=_("The goal ended."), by=by, at=at)
    with audit.change(goal, by=by, did="ended_goal", why=because):
        goal.ended_at, goal.ended_by, goal.outcome, goal.ended_because = at, by, outcome, because.strip()
    return goal


@transaction.atomic
def add_step(
    *, patient: Patient, words: str, who: str, due_on: date, by: User, at: datetime, goal: Goal | None = None,
    owner: User | None = None, owner_words: str = "",
) -> Intervention:  # fmt: skip
    """Agree on the next thing somebody does. A step of ours reminds its owner with a task due at the end of its day."""
    if goal is not None and goal.patient_id != patient.pk:
        raise CannotDo(_("This goal is another patient's."))
    if goal is not None and goal.ended_at is not None:
        raise NotNow(_("This goal has ended. Add the step to an open one."))
    if who == Intervention.Who.STAFF and owner is None:
        raise CannotDo(_("Say who of us does it."))
    step = Intervention(
        patient=patient, goal=goal, words=words.strip(), who=who, owner=owner if who == Intervention.Who.STAFF else None,
        owner_words=owner_words.strip() if who != Intervention.Who.STAFF else "", due_on=due_on, added_at=at, added_by=by,
    )  # fmt: skip
    with audit.change(step, by=by, did="added_step"):
        pass
    if step.owner is not None:
        title, why = _told(step, goal)
        tasks.open_task(
            patient=patient, kind="plan_step", title=title, why=why, owner_user=step.owner, by=by, at=at,
            due_at=timezone.make_aware(datetime.combine(due_on, END_OF_DAY)), about_kind=STEP,
            about_public_id=step.public_id,
        )  # fmt: skip
    return step


def _told(step: Intervention, goal: Goal | None) -> tuple[str, str]:
    """What a reminder tells of a step: lists and the sheet on paper show it, so a concealed matter is not named there."""
    if goal is None:
        return step.words, ""
    if goal.problem is not None and needs.is_concealed(goal.problem.need_code):
        return "Private follow-up", "See the plan."
    return step.words, sentences.FOR_THE_GOAL.format(goal=goal.words)


@transaction.atomic
def finish_step(*, step: Intervention, by: User, at: datetime, because: str = "") -> Intervention:
    """It was done."""
    return _close(step, Intervention.Closed.DONE, because, by=by, at=at)


@transaction.atomic
def drop_step(*, step: Intervention, because: str, by: User, at: datetime) -> Intervention:
    """It will not be done; say why."""
    if not because.strip():
        raise CannotDo(_("Say why it is dropped."))
    return _close(step, Intervention.Closed.DROPPED, because, by=by, at=at)


def _close(step: Intervention, how: str, because: str, *, by: User, at: datetime) -> Intervention:
    if step.closed_at is not None:
        raise NotNow(_("This step is closed already."))
    with audit.change(step, by=by, did=f"{how}_step", why=because):
        step.closed_at, step.closed_by, step.closed, step.closed_because = at, by, how, because.strip()
    for task in Task.objects.open().filter(about_kind=STEP, about_public_id=step.public_id):
        tasks.close(task=task, because="done" if how == Intervention.Closed.DONE else "not_needed", by=by, at=at)
    return step
