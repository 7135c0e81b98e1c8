"""The plan of one person, as pages and prints show it."""

from dataclasses import dataclass, field

from django.db.models import Case, IntegerField, Value, When

from carewright.careplan.models import Goal, Intervention, Problem
from carewright.registry.models import Patient


@dataclass
class GoalShown:
    """A goal with its steps, open ones first."""

    goal: Goal
    steps: list[Intervention] = field(default_factory=list)


@dataclass
class ProblemShown:
    """A problem with its goals; `problem` is empty for goals and steps that hang on none."""

    problem: Problem | None
    goals: list[GoalShown] = field(default_factory=list)


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


def plan_of(patient: Patient) -> Plan:
    """Everything on the plan, in four queries."""
    order = Case(
        When(priority="high", then=Value(0)),
        When(priority="medium", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    problems = list(Problem.objects.filter(patient=patient).order_by(order, "opened_at", "pk"))
    goals = list(Goal.objects.filter(patient=patient).select_related("set_by").order_by("set_at", "pk"))
    steps = list(
        Intervention.objects.filter(patient=patient).select_related("owner").order_by("closed_at", "due_on", "pk")
    )
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
