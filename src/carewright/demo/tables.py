"""
The tables the demo world is drawn from: conditions, admissions, bills, drugs, places and names.

Each table is a CSV beside this file whose first line says where its facts come from. A cell such as `I10:3|I110:1`
is a choice: codes with their weights. Codes become small whole numbers once, here, and are written out as text at
the very end; that is what makes a million members possible.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "tables"

SENIOR, DISABLED, MEDICAID_ADULT, MEDICAID_CHILD, COMMERCIAL = range(5)
SHARES = (0.20, 0.04, 0.30, 0.22, 0.24)
STAYS_A_YEAR = (0.240, 0.330, 0.095, 0.025, 0.050)
ED_VISITS_A_YEAR = (0.480, 1.000, 0.640, 0.420, 0.200)
READMITTED = (0.15, 0.18, 0.12, 0.05, 0.08)


class Vocabulary:
    """Codes of one kind, numbered in the order they were first seen."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self._number: dict[str, int] = {}

    def number(self, code: str) -> int:
        """The number of a code; an empty code is -1, which is written as nothing."""
        if not code:
            return -1
        if code not in self._number:
            self._number[code] = len(self.codes)
            self.codes.append(code)
        return self._number[code]


DX, HCPCS, REVENUE, DRG, PCS = (Vocabulary() for _ in range(5))
PLACE, BILL_TYPE, ADMIT_TYPE, ADMIT_SOURCE, DISPOSITION, MODIFIER = (Vocabulary() for _ in range(6))


class Choice:
    """Some codes with weights, from which many can be drawn at once."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        pairs = [part.rpartition(":") for part in text.split("|")] if text else [("", ":", "1")]
        self.numbers = np.array([vocabulary.number(code) for code, _, _ in pairs], dtype=np.int32)
        weights = np.array([float(weight) for _, _, weight in pairs])
        self.cumulative = np.cumsum(weights) / weights.sum()

    def draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """That many code numbers, int32."""
        if len(self.numbers) == 1:
            return np.full(count, self.numbers[0], dtype=np.int32)
        drawn = np.searchsorted(self.cumulative, rng.random(count), side="right")
        return self.numbers[np.minimum(drawn, len(self.numbers) - 1)]


@dataclass(frozen=True)
class Condition:
    """
    A lasting condition: how common it is, what it clusters with, what it does to use, and how it is coded.

    `more_seniors` is how much more often it is drawn at 65 and over than it is found later: some who have it die.
    """

    name: str
    label: str
    sex: str
    shares: tuple[float, float, float, float, float]
    child_share: float
    more_seniors: float
    age_pull: float
    general: float
    cluster: str
    pull: float
    stay: float
    ed: float
    office: float
    specialty: str
    specialty_visits: float
    codes: Choice


@dataclass(frozen=True)
class Reason:
    """Why somebody is admitted, comes to the emergency department, or sees a doctor."""

    name: str
    condition: str
    sex: str
    senior: float
    adult: float
    child: float
    dx: Choice
    row: dict[str, str]
    drg: Choice | None = None


@dataclass(frozen=True)
class BillLine:
    """One line a bill of some kind may hold: with what chance, how many units, at what price in dollars."""

    revenue: int
    hcpcs: Choice
    chance: float
    units: float
    price: float


@dataclass(frozen=True)
class Drug:
    """A medicine: how it is taken, what 30 days cost, and what it is used for."""

    name: str
    product: str
    ndcs: tuple[str, ...]
    per_day: float
    price: float
    kind: str
    used_for: dict[str, float]
    otherwise: float


def read(name: str) -> list[dict[str, str]]:
    """The rows of one of our tables, without its first line about the source."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        file.readline()
        return list(csv.DictReader(file))


@cache
def conditions() -> tuple[Condition, ...]:
    """Every condition, in the table's order."""
    return tuple(_condition(row) for row in read("conditions"))


def _condition(row: dict[str, str]) -> Condition:
    child = float(row["pchild"]) / 100
    specialty, _, visits = row["specialty"].partition(":")
    return Condition(
        name=row["condition"],
        label=row["label"],
        sex=row["sex"],
        shares=(
            float(row["p65"]) / 100,
            float(row["pdisabled"]) / 100,
            float(row["pmedicaid"]) / 100,
            child,
            float(row["pcommercial"]) / 100,
        ),
        child_share=child,
        more_seniors=float(row["more_seniors"]),
        age_pull=float(row["age_pull"]),
        general=float(row["general"]),
        cluster=row["cluster"],
        pull=float(row["pull"]),
        stay=float(row["stay"]),
        ed=float(row["ed"]),
        office=float(row["office"]),
        specialty=specialty,
        specialty_visits=float(visits or 0),
        codes=Choice(row["codes"], DX),
    )


@cache
def place_of_condition() -> dict[str, int]:
    """Which column of the condition matrix a condition is."""
    return {condition.name: at for at, condition in enumerate(conditions())}


@cache
def reasons(name: str) -> tuple[Reason, ...]:
    """The reasons of one table: `stays`, `ed_visits` or `office_reasons`."""
    return tuple(
        Reason(
            name=row["reason"],
            condition=row.get("condition", ""),
            sex=row["sex"],
            senior=float(row["senior"]),
            adult=float(row["adult"]),
            child=float(row["child"]),
            dx=Choice(row["dx"], DX),
            drg=Choice(row["drg"], DRG) if "drg" in row else None,
            row=row,
        )
        for row in read(name)
    )


@cache
def bills() -> dict[str, tuple[BillLine, ...]]:
    """What a bill of each kind holds."""
    found: dict[str, list[BillLine]] = {}
    for row in read("lines"):
        line = BillLine(
            revenue=REVENUE.number(row["revenue"]),
            hcpcs=Choice(row["hcpcs"], HCPCS),
            chance=float(row["chance"]),
            units=float(row["units"]),
            price=float(row["price"]),
        )
        found.setdefault(row["bill"], []).append(line)
    return {bill: tuple(lines) for bill, lines in found.items()}


@cache
def drugs() -> tuple[Drug, ...]:
    """Every medicine that is dispensed in the demo world."""
    return tuple(
        Drug(
            name=row["drug"],
            product=row["product"],
            ndcs=tuple(row["ndcs"].split("|")),
            per_day=float(row["per_day"]),
            price=float(row["price"]),
            kind=row["kind"],
            used_for={k: float(w) for k, _, w in (use.partition(":") for use in row["used_for"].split("|") if use)},
            otherwise=float(row["otherwise"]),
        )
        for row in read("drugs")
    )
