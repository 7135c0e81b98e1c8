"""
One block of people and everything needed to let things happen to them: the calendar, their health, who cares for them.

`happen` is how all events are drawn: given how likely each person is to have one in each month, it picks exactly the
number that is wanted (or expected), each on a day that person is covered and alive.
"""

from dataclasses import dataclass, field

import numpy as np

from carewright.demo import tables
from carewright.demo.calendar import Calendar
from carewright.demo.health import Health, problems
from carewright.demo.ledger import Ledger
from carewright.demo.people import People
from carewright.demo.providers import Directory
from carewright.demo.tables import DX, PLACE, Reason


@dataclass
class Scene:
    """Everything one block of the demo world knows about itself."""

    rng: np.random.Generator
    calendar: Calendar
    people: People
    health: Health
    directory: Directory
    ledger: Ledger
    doctor: np.ndarray
    practice: np.ndarray
    hospital: np.ndarray
    busy: float = 1.0
    written: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    """Which people have a history written by hand: nothing happens to them by chance."""
    seen: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    """Persons and days of visits to family doctors, for what is measured there."""
    tested: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    """Persons and days of visits to the laboratory."""

    def __post_init__(self) -> None:
        days = self.people.covered_days()
        if len(self.written):
            days = np.where(self.written[:, None], 0, days)
        self.years = days / 365.25

    def age(self, person: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Age in years on a day."""
        return (day - self.people.birth[person]) / 365.25

    def happen(self, a_year: np.ndarray, *, exactly: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """
        Persons and days of events, ordered by person; `a_year` is per person, or per person and month.

        The number of events is the expected one, rounded by chance, unless `exactly` says how many.
        """
        chance = self.years * (a_year[:, None] if a_year.ndim == 1 else a_year)
        cumulative = np.cumsum(chance.ravel())
        total = cumulative[-1]
        count = int(np.floor(total + self.rng.random())) if exactly is None else exactly
        if total <= 0 or count <= 0:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32)
        cell = np.searchsorted(cumulative, np.sort(self.rng.random(count)) * total, side="right")
        person, month = np.divmod(cell.clip(0, len(cumulative) - 1), self.calendar.months)
        first, last = self.people.first[person, month], self.people.last[person, month]
        day = first + np.floor(self.rng.random(count) * (last - first + 1))
        return person.astype(np.int32), day.astype(np.int32)

    def covered(self, person: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Whether these people are covered and alive on these days."""
        return self.people.payer_on(person, day, self.calendar) >= 0

    def seasonal(self, a_year: np.ndarray, strength: float) -> np.ndarray:
        """A yearly rate per person that rises and falls with the drift of their health, month by month."""
        swing = np.exp(strength * self.health.season - 0.5 * strength**2)
        return a_year[:, None] * swing

    def problems(self, person: np.ndarray, day: np.ndarray, most: int = 6, typical: float = 3) -> np.ndarray:
        """The lasting conditions a bill names."""
        return problems(self.rng, self.health, person, day, most, typical)

    def specialist(self, specialty: str, person: np.ndarray) -> np.ndarray:
        """The one these people always see."""
        pool = self.directory.specialists[specialty]
        return pool[(person + len(specialty)) % len(pool)]

    def place(self, kind: str) -> int:
        """The place that gives this kind of service."""
        return int(self.directory.other[kind][0])

    def hospital_of(self, person: np.ndarray, loyal: float = 0.75) -> np.ndarray:
        """The hospital they go to: mostly the nearest."""
        rng, pool = self.rng, self.directory.hospitals
        away = rng.random(len(person)) > loyal
        return np.where(away, pool[rng.integers(0, len(pool), len(person))], self.hospital[person]).astype(np.int32)

    def choose_reason(self, reasons: tuple[Reason, ...], person: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Why: one of the reasons per event, likelier when the person has the condition behind it."""
        age = self.age(person, day)
        band = np.where(age >= 65, 0, np.where(age >= 18, 1, 2))
        at = tables.place_of_condition()
        weight = np.empty((len(person), len(reasons)), dtype=np.float32)
        active = self.health.active(person, day)
        for column, reason in enumerate(reasons):
            base = np.array([reason.senior, reason.adult, reason.child], dtype=np.float32)[band]
            if reason.condition:
                base = base * active[:, at[reason.condition]]
            if reason.sex != "any":
                base = base * (self.people.sex[person] == (0 if reason.sex == "female" else 1))
            if reason.name == "pregnancy":
                base = base * ((age >= 18) & (age < 42))
            weight[:, column] = base
        cumulative = np.cumsum(weight, axis=1)
        drawn = self.rng.random(len(person), dtype=np.float32) * cumulative[:, -1]
        return (cumulative <= drawn[:, None]).sum(axis=1).clip(0, len(reasons) - 1)

    def reason_codes(self, reasons: tuple[Reason, ...], chosen: np.ndarray) -> np.ndarray:
        """A diagnosis for each chosen reason."""
        code = np.empty(len(chosen), dtype=np.int32)
        for column, reason in enumerate(reasons):
            where = np.flatnonzero(chosen == column)
            code[where] = reason.dx.draw(self.rng, len(where))
        return code

    def office(
        self,
        kind: str,
        person: np.ndarray,
        day: np.ndarray,
        dx: np.ndarray,
        rendering: np.ndarray,
        *,
        billing: np.ndarray | None = None,
        place: str = "11",
        factor: np.ndarray | float = 1.0,
    ) -> np.ndarray:
        """A professional bill of this kind for each event."""
        claims = self.ledger.add(
            person,
            day,
            dx,
            rendering=rendering,
            billing=rendering if billing is None else billing,
            place=PLACE.number(place),
        )
        self.ledger.bill(self.rng, kind, claims, day, factor=factor)
        return claims

    def dx(self, code: str, count: int) -> np.ndarray:
        """The same diagnosis for many events, as one column."""
        return np.full((count, 1), DX.number(code), dtype=np.int32)


def beside(first: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """A first diagnosis put before the others; where it stands among them already, it is not said twice."""
    first = first.reshape(-1, 1)
    rest = np.where(rest == first, -1, rest)
    # Codes first, gaps last, keeping their order.
    order = np.argsort(rest < 0, axis=1, kind="stable")
    return np.concatenate([first, np.take_along_axis(rest, order, axis=1)], axis=1)
