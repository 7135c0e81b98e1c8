"""
The small values that pictures of numbers are drawn from: bars, stacks, timelines, sums and curves.

They stand below every stage, so that a stage can say what is to be drawn; the drawing itself is `carewright.web.charts`.
A `kind` chooses a color by its meaning: "bad", "mid", "low", "brand", "alt", "info", "note" or "" (brand).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Number = int | float | Decimal


@dataclass(frozen=True)
class Point:
    """One bar: its name under it, its height (None: unknown), the words above it and where it leads, if wished."""

    label: str
    value: Number | None
    kind: str = ""
    text: str = ""
    href: str = ""


@dataclass(frozen=True)
class Series:
    """One color of a stacked chart: a value for each column, None where nothing is known."""

    name: str
    values: Sequence[Number | None]
    kind: str = ""


@dataclass(frozen=True)
class Span:
    """Something that was on a day, or lasted to another, or still lasts: a hospital stay, a visit."""

    starts_on: date
    ends_on: date | None = None
    label: str = ""
    kind: str = ""
    href: str = ""
    still: bool = False


@dataclass(frozen=True)
class Lane:
    """One line of a timeline: its name on the left, what lies on it."""

    name: str
    spans: Sequence[Span]


@dataclass(frozen=True)
class Part:
    """One summand of a score: what it is for, how many points, and where its facts are."""

    label: str
    points: Number
    note: str = ""
    href: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a curve: a name, its (x, y) points between 0 and 1 in order of x."""

    name: str
    points: Sequence[tuple[Number, Number]]
    kind: str = ""
