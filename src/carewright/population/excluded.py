"""
Whom somebody excluded: the warehouse does not know of people's decisions, so every verdict that is shown is read with them.
"""

from datetime import date

from django.db.models import QuerySet

from carewright.population.models import CandidateDecision


def by_decision(on: date) -> QuerySet[CandidateDecision]:
    """The exclusions that stand on a day."""
    return CandidateDecision.objects.in_force(on).filter(decision=CandidateDecision.Decision.EXCLUDED)


def says_so(decision: CandidateDecision | None, on: date) -> bool:
    """Whether a decision that stands about somebody excludes them on a day."""
    return decision is not None and decision.decision == CandidateDecision.Decision.EXCLUDED and decision.holds_on(on)


def read_with(verdict: str, *, is_excluded: bool) -> str:
    """
    A program's verdict about somebody, once it is known whether somebody excluded them.

    >>> read_with("yes", is_excluded=True), read_with("not_applicable", is_excluded=True)
    ('excluded', 'not_applicable')
    """
    return "excluded" if is_excluded and verdict != "not_applicable" else verdict


__all__ = ["by_decision", "read_with", "says_so"]
