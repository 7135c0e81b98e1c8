"""
The people of the walkthroughs: histories written by hand, the same in every size and whatever the seed.

They have names of their own and days counted back from the last day of the history, so that Mr. Ortega came home from
hospital four days ago whenever the demo is made. Whoever has a name here, nothing happens to by chance.
"""

from dataclasses import dataclass, field

SENIOR, DISABLED, MEDICAID, COMMERCIAL = 0, 1, 2, 4


@dataclass(frozen=True)
class Visit:
    """An outpatient bill, so many days ago: what for (diagnoses, the first one the reason), of what kind, with whom."""

    ago: int
    dx: tuple[str, ...]
    kind: str = "pcp"
    paid_after: int = 18
    claim: int = -1


@dataclass(frozen=True)
class Stay:
    """A hospital stay that began so many days ago. `nights` of None means still there; `paid_after` of None: no bill yet."""

    ago: int
    nights: int | None
    dx: tuple[str, ...]
    drg: str
    hospital: str = "Mercy General Hospital"
    emergency: bool = True
    status: str = "01"
    weight: float = 1.2
    paid_after: int | None = 20
    claim: int = -1


@dataclass(frozen=True)
class Emergency:
    """An emergency visit that ended at home."""

    ago: int
    dx: tuple[str, ...]
    hospital: str = "Mercy General Hospital"
    paid_after: int | None = 20


@dataclass(frozen=True)
class Nursing:
    """A stay in a nursing facility that began so many days ago; `nights` of None means still there."""

    ago: int
    nights: int | None
    dx: tuple[str, ...]
    facility: str = "Bayview Skilled Nursing"
    status: str = "06"


@dataclass(frozen=True)
class Fills:
    """A medicine: filled first so many days ago, then every so many days, until so many days ago."""

    drug: str
    ago: int
    every: int = 30
    until: int = 0
    days: int = 30


@dataclass(frozen=True)
class Measured:
    """Values measured so many days ago, by the test's name in the table of results."""

    ago: int
    values: dict[str, float]


@dataclass(frozen=True)
class Asked:
    """Answers about needs, so many days ago: which of food, housing, rides, bills and safety were a yes."""

    ago: int
    yes: tuple[str, ...]


Event = Visit | Stay | Emergency | Nursing | Fills | Measured | Asked


@dataclass(frozen=True)
class Character:
    """One person of the walkthroughs, with everything that happened to them."""

    number: int
    given: str
    family: str
    sex: str
    age: int
    birthday: tuple[int, int] = (6, 15)
    segment: int = SENIOR
    people: int = 0
    language: str = "en"
    zip_code: str = "60608"
    conditions: tuple[str, ...] = ()
    """As `name` or `name=CODE`: names of the table of conditions."""
    events: tuple[Event, ...] = ()
    dual: int = 0
    months_covered: int = 99
    doctor: int = 0
    lives_with: int = -1
    program: str = ""
    goals: str = ""
    tasks: str = ""
    note: str = field(default="")


def regular(
    since: int, every: int, *dx: str, until: int = 20, kind: str = "pcp", paid_after: int = 18
) -> tuple[Visit, ...]:
    """Visits at equal distances, from so many days ago on; every one names the same diagnoses, in turns first."""
    days = range(since, until - 1, -every)
    return tuple(
        Visit(ago, dx[turn % len(dx) :] + dx[: turn % len(dx)], kind, paid_after) for turn, ago in enumerate(days)
    )


def everyone() -> tuple[Character, ...]:
    """All of them, those of the candidate list first."""
    from carewright.demo.characters import candidates, patients

    return candidates.PEOPLE + patients.PEOPLE
