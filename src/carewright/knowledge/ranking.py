"""
The order in which we suggest people, said openly: points for what is on file, added up, nothing hidden.

Read aloud: everyone starts at zero. Unplanned hospital stays weigh most, because they are what we hope to prevent and
the best sign that another will come. Then emergency visits, coming home within the last thirty days, how many lasting
conditions, the three that decompensate most often, age, needs, many medicines, and Medicare together with Medicaid.
The most anyone can have is one hundred. The points were chosen by us; they were not fitted to anyone's data, and they
are not a probability. How well the order works on earlier months is shown beside it on every page that uses it.

Facts under 42 CFR Part 2 never count. Points that come from other protected facts are a line of their own; a role that
does not see such facts is shown the sum of the other lines as the score, and the order, places and bands that these sums make.
"""

from dataclasses import dataclass

from carewright.knowledge.program import Threshold
from carewright.knowledge.source import Source

RANKING = "ranking"
VERSION = "1"


@dataclass(frozen=True)
class Step:
    """From this value on, so many points in all for this part."""

    at_least: int
    points: int


@dataclass(frozen=True)
class Part:
    """One part of the score: what is counted, in words for one and for many, its ladder of points, and why."""

    code: str
    name: str
    one: str
    many: str
    steps: tuple[Step, ...]
    because: str

    @property
    def most(self) -> int:
        """The most points this part can give."""
        return max(step.points for step in self.steps)

    def points(self, value: int) -> int:
        """
        The points for a value: those of the highest step it reaches.

        >>> PARTS[0].points(0), PARTS[0].points(2), PARTS[0].points(99)
        (0, 22, 32)
        """
        return max((step.points for step in self.steps if value >= step.at_least), default=0)


def _ladder(*steps: tuple[int, int]) -> tuple[Step, ...]:
    return tuple(Step(at_least, points) for at_least, points in steps)


PARTS: tuple[Part, ...] = (
    Part(
        "unplanned_stays",
        "Unplanned stays in 12 months",
        "{n} unplanned hospital stay in 12 months",
        "{n} unplanned hospital stays in 12 months",
        _ladder((1, 14), (2, 22), (3, 28), (4, 32)),
        "The strongest sign of another stay, and what the program is meant to prevent.",
    ),
    Part(
        "ed_visits",
        "ED visits in 12 months",
        "{n} ED visit in 12 months that did not become a stay",
        "{n} ED visits in 12 months that did not become a stay",
        _ladder((1, 3), (2, 6), (3, 10), (5, 14)),
        "Help sought in an emergency, often because nothing else was open; visits that became a stay are not counted twice.",
    ),
    Part(
        "recent_discharge",
        "Home from hospital in the last 30 days",
        "Left a hospital in the last 30 days",
        "Left a hospital in the last 30 days",
        _ladder((1, 8)),
        "The weeks in which most people return.",
    ),
    Part(
        "lasting_conditions",
        "Lasting conditions",
        "{n} lasting condition",
        "{n} lasting conditions",
        _ladder((2, 3), (4, 6), (6, 9), (8, 12)),
        "Each condition asks for visits, medicines and watching; they interfere with each other.",
    ),
    Part("heart_failure", "Heart failure", "Heart failure", "Heart failure", _ladder((1, 6)), "Decompensates often."),
    Part("lung_disease", "COPD", "COPD", "COPD", _ladder((1, 5)), "Flares often end in a hospital."),
    Part(
        "kidney_disease",
        "Chronic kidney disease",
        "Chronic kidney disease",
        "Chronic kidney disease",
        _ladder((1, 4)),
        "Makes every other illness and most medicines more dangerous.",
    ),
    Part(
        "age",
        "Age",
        "Age {n}",
        "Age {n}",
        _ladder((65, 2), (75, 4), (85, 7)),
        "Older people recover more slowly.",
    ),
    Part(
        "social_needs",
        "Social needs on file",
        "{n} kind of social need on file in 24 months",
        "{n} kinds of social need on file in 24 months",
        _ladder((1, 3), (2, 5)),
        "Someone without food, a home or a ride cannot follow a plan.",
    ),
    Part(
        "medicines",
        "Different medicines in 12 months",
        "{n} medicine in 12 months",
        "{n} different medicines in 12 months",
        _ladder((5, 1), (10, 3), (15, 4)),
        "More medicines, more ways to go wrong.",
    ),
    Part(
        "dual",
        "Medicare and Medicaid",
        "Medicare together with Medicaid",
        "Medicare together with Medicaid",
        _ladder((1, 3)),
        "Poverty and disability together; these people are hospitalized more often.",
    ),
)

PART_BY_CODE: dict[str, Part] = {part.code: part for part in PARTS}

THRESHOLDS: tuple[Threshold, ...] = (
    Threshold("high_at_least", "40", "Band high: points, at least", "points", least=1, most=100),
    Threshold("rising_at_least", "22", "Band rising: points, at least", "points", least=1, most=100),
    Threshold(
        "rising_events",
        "2",
        "Band rising also: stays and ED visits in the last 6 months, at least, and more than in the 6 before",
        "events",
        least=1,
        most=50,
    ),
)

TIES = (
    "more unplanned stays in the last 6 months",
    "then more ED visits in the last 6 months",
    "then the older person",
    "then the payer's identifier, which says nothing about anyone but is always the same",
)
"""How equal scores are ordered, in words; `marts/score.sql` orders so."""

SOURCE = Source(
    title="Carewright: an additive score with whole points",
    section="Prior unplanned use, multimorbidity, recent discharge (as in LACE and HOSPITAL, whose items these resemble)",
    edition="2026-11",
    confirmed=False,
    remark="Points chosen, not fitted; judged by the share of later unplanned stays it would have caught, shown beside it.",
)
