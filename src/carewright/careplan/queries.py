"""
The plan of one person, as pages and prints show it, beside what the latest assessments say of the same needs.

A need never becomes a problem by itself: it is offered with the answers that show it, and a person decides.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils import timezone
from django.utils.formats import date_format

from carewright.assessment import queries as assessment
from carewright.assessment import shelf
from carewright.assessment.models import ScoreResult
from carewright.assessment.queries import NeedSeen
from carewright.careplan.models import Goal, Intervention, Problem
from carewright.knowledge import needs
from carewright.registry.models import Patient


@dataclass
class GoalShown:
    """A goal with its steps, open ones first."""

    goal: Goal
    steps: list[Intervention] = field(default_factory=list)


@dataclass(frozen=True)
class Trend:
    """A score that decides a need, over time, the oldest first."""

    title: str
    scores: list[ScoreResult]


@dataclass
class ProblemShown:
    """A problem with its goals, and what the latest answers say of its need, if an assessment found one."""

    problem: Problem
    goals: list[GoalShown] = field(default_factory=list)
    need: NeedSeen | None = None
    trends: list[Trend] = field(default_factory=list)


@dataclass
class Plan:
    """One person's plan: open problems by priority, goals and steps without one, and what has ended."""

    problems: list[ProblemShown]
    loose_goals: list[GoalShown]
    loose_steps: list[Intervention]
    ended_goals: list[Goal]
    resolved: list[Problem]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever written on it."""
        return not (self.problems or self.loose_goals or self.loose_steps or self.ended_goals or self.resolved)

    @property
    def goals(self) -> list[GoalShown]:
        """All open goals, in the order of the plan."""
        return [shown for problem in self.problems for shown in problem.goals] + self.loose_goals


def closed_to(hidden_tags: Collection[str]) -> frozenset[str]:
    """The needs, by code, whose problems stay closed to somebody who may not see these tags."""
    return frozenset(code for code, need in needs.NEEDS.items() if need.sensitivity in hidden_tags)


CONCEALED = frozenset(code for code, need in needs.NEEDS.items() if need.is_concealed)
"""Needs whose problems and goals never stand in a print."""


def problems_of(patient: Patient, *, without: Collection[str] = ()) -> QuerySet[Problem]:
    """The problems of somebody but for those of these needs; a reader gets these and no others, by any address."""
    return Problem.objects.filter(patient=patient).exclude(need_code__in=without)


def goals_of(patient: Patient, *, without: Collection[str] = ()) -> QuerySet[Goal]:
    """Their goals but for those that hang on such a problem."""
    return Goal.objects.filter(patient=patient).exclude(problem__need_code__in=without)


def steps_of(patient: Patient, *, without: Collection[str] = ()) -> QuerySet[Intervention]:
    """Their steps but for those that hang on such a goal."""
    return Intervention.objects.filter(patient=patient).exclude(goal__problem__need_code__in=without)


def plan_of(patient: Patient, *, without: Collection[str] = ()) -> Plan:
    """Everything on the plan, in four queries; `without` are needs whose problems, goals and steps are left out."""
    order = Case(
        When(priority="high", then=Value(0)),
        When(priority="medium", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    problems = list(problems_of(patient, without=without).order_by(order, "opened_at", "pk"))
    goals = list(goals_of(patient, without=without).select_related("set_by").order_by("set_at", "pk"))
    steps = list(steps_of(patient, without=without).select_related("owner").order_by("closed_at", "due_on", "pk"))
    shown = {goal.pk: GoalShown(goal) for goal in goals}
    loose_steps = []
    for step in sorted(steps, key=lambda step: (step.closed_at is not None, step.due_on, step.pk)):
        if step.goal_id in shown:
            shown[step.goal_id].steps.append(step)
        else:
            loose_steps.append(step)
    open_problems = {problem.pk: ProblemShown(problem) for problem in problems if problem.resolved_at is None}
    loose_goals = []
    for goal in goals:
        if goal.ended_at is not None:
            continue
        if goal.problem_id in open_problems:
            open_problems[goal.problem_id].goals.append(shown[goal.pk])
        else:
            loose_goals.append(shown[goal.pk])
    return Plan(
        problems=list(open_problems.values()),
        loose_goals=loose_goals,
        loose_steps=loose_steps,
        ended_goals=[goal for goal in goals if goal.ended_at is not None],
        resolved=[problem for problem in problems if problem.resolved_at is not None],
    )


def beside_answers(plan: Plan, patient: Patient, *, on: date, hidden_tags: frozenset[str]) -> list[NeedSeen]:
    """
    Lay the latest answers beside the problems that came from them, and answer with the needs that are on no open problem.

    A problem whose need is no longer shown keeps it, so that a person sees the change and decides.
    """
    seen = {one.need.code: one for one in assessment.needs_for(patient, on, hidden_tags=hidden_tags, gone=True)}
    for shown in plan.problems:
        shown.need = seen.pop(shown.problem.need_code, None)
    codes = {shown.problem.need_code for shown in plan.problems if shown.need}
    trends = assessment.score_trends(patient, codes, hidden_tags=hidden_tags) if codes else {}
    for shown in plan.problems:
        shown.trends = [
            Trend(shelf.get(scores[0].instrument).title, scores[-4:])
            for scores in trends.get(shown.problem.need_code, [])
        ]
    settled: dict[str, date] = {}
    for problem in plan.resolved:
        if problem.resolved_at is not None:
            day = timezone.localdate(problem.resolved_at)
            settled[problem.need_code] = max(day, settled.get(problem.need_code, day))
    # What was settled after these answers is not brought up again; newer answers are.
    return [one for code, one in seen.items() if one.stands and (code not in settled or one.on > settled[code])]


def because_of(seen: NeedSeen) -> str:
    """What shows a need, in words to begin a problem with: each question with its answer and its day."""
    parts = [
        f"{one.question} {one.words} ({date_format(timezone.localdate(one.answer.at), 'M j, Y')})"
        for one in seen.shown_by
    ]
    return "; ".join(parts)[:1000]
