"""What the chart tags of the page frame are given: small values, named as `carewright.web.charts` names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Part:
    """One summand of a score."""

    label: str
    points: int
    note: str = ""
    href: str = ""


@dataclass(frozen=True)
class Span:
    """Something that was on a day, or lasted to another."""

    starts_on: date
    ends_on: date | None = None
    label: str = ""
    kind: str = ""
    href: str = ""
    still: bool = False


@dataclass(frozen=True)
class Lane:
    """One line of a timeline."""

    name: str
    spans: Sequence[Span]


@dataclass(frozen=True)
class Series:
    """One color of a stacked chart."""

    name: str
    values: Sequence[int | None]
    kind: str = ""


@dataclass(frozen=True)
class Point:
    """One bar of a chart by month."""

    label: str
    value: float | None
    kind: str = ""
    text: str = ""
    href: str = ""
