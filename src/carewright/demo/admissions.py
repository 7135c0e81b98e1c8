"""
Who is admitted to a hospital, when, why, for how long, and who comes back within thirty days.

The numbers of stays and of unplanned returns are those of DEMO_RATES for each kind of member; who it happens to
follows from their conditions and from chance. Stays never overlap. Births are stays of the mother; a well newborn is
billed with her, one who needs care has a stay of its own.
"""

from dataclasses import dataclass

import numpy as np

from carewright.demo import tables
from carewright.demo.people import FEMALE, People
from carewright.demo.scene import Scene
from carewright.demo.tables import DRG, DX, PCS, READMITTED, STAYS_A_YEAR, Choice

RETURN_WITHIN = 30
DELIVERY, NEWBORN, TERMINAL = -1, -2, -3
"""Kinds of stays that do not come from the table of reasons; TERMINAL marks the last stay of a life."""


@dataclass
class Stays:
    """One entry per stay, ordered by person and day. `reason` points into the table, or is DELIVERY or NEWBORN."""

    person: np.ndarray
    admitted: np.ndarray
    discharged: np.ndarray
    reason: np.ndarray
    dx: np.ndarray
    drg: np.ndarray
    procedure: np.ndarray
    emergency: np.ndarray
    through_ed: np.ndarray
    died: np.ndarray
    price: np.ndarray
    onward: np.ndarray
    transfer: np.ndarray
    surgical: np.ndarray

    def __len__(self) -> int:
        return len(self.person)

    def take(self, which: np.ndarray) -> "Stays":
        """Some of the stays, in that order."""
        return Stays(**{name: value[which] for name, value in vars(self).items()})


def draw(scene: Scene) -> Stays:
    """Every stay of the block that chance brings about."""
    people = scene.people
    births = _births(scene)
    ends = _last_days(scene)
    fixed = _join(births, ends)
    found: list[Stays] = [fixed]
    for segment in range(5):
        mine = people.segment == segment
        wanted = round(STAYS_A_YEAR[segment] * scene.years[mine].sum())
        have = int((people.segment[fixed.person] == segment).sum())
        rate = np.where(mine, np.exp(scene.health.stay_risk), 0)
        extra = max(round(1.06 * (wanted - have)), 0)
        person, day = scene.happen(scene.seasonal(rate, 0.8), exactly=extra)
        found.append(_drawn(scene, person, day))
    stays = _without_overlaps(_join(*found))
    returns: list[Stays] = []
    keep = np.ones(len(stays), dtype=bool)
    for segment in range(5):
        mine = people.segment == segment
        wanted = round(STAYS_A_YEAR[segment] * scene.years[mine].sum())
        returns.append(_returns(scene, stays, keep, segment, wanted))
    return _end_with_death(scene, _without_overlaps(_join(stays.take(np.flatnonzero(keep)), *returns)))


def _end_with_death(scene: Scene, stays: Stays) -> Stays:
    """A stay that would have lasted beyond a death ended with it."""
    died = scene.people.died[stays.person]
    stays.died |= stays.discharged >= died
    stays.discharged = np.minimum(stays.discharged, died)
    return stays


def _returns(scene: Scene, stays: Stays, keep: np.ndarray, segment: int, wanted: int) -> Stays:
    """
    Unplanned returns within thirty days, so many that the segment's share and number of stays are as wanted.

    Makes room for them in `keep` by dropping stays that nothing hangs on.
    """
    rng, people = scene.rng, scene.people
    mine = people.segment[stays.person] == segment
    same = np.append(stays.person[1:] == stays.person[:-1], False)
    gap = np.append(stays.admitted[1:] - stays.discharged[:-1], 0)
    followed = same & (gap <= RETURN_WITHIN) & np.append(stays.emergency[1:], False)
    follows = np.append(False, followed[:-1])
    fixed = stays.reason < 0
    alive = mine & ~stays.died
    missing = round(READMITTED[segment] * wanted) - int((followed & alive).sum())
    if missing < 0:
        spare = np.flatnonzero(mine & follows & ~fixed & ~followed)
        keep[rng.permutation(spare)[: min(-missing, len(spare))]] = False
        missing = 0
    free = same & (gap <= RETURN_WITHIN + 15)
    room = stays.discharged + 4 <= scene.calendar.as_of
    eligible = alive & ~fixed & ~free & room & ~stays.died
    who = np.flatnonzero(eligible)
    wait = 1 + np.floor(29 * rng.beta(1.05, 1.7, len(who))).astype(np.int32)
    day = (stays.discharged[who] + wait).astype(np.int32)
    can = scene.covered(stays.person[who], day) & scene.covered(stays.person[who], day + 2)
    likelier = scene.health.stay_risk[stays.person[who]] * 0.7 + rng.gumbel(0, 1, len(who))
    chosen = np.argsort(np.where(can, -likelier, np.inf))[: min(missing, int(can.sum()))]
    who, day = who[chosen], day[chosen]
    again = _drawn(scene, stays.person[who], day)
    same_reason = rng.random(len(who)) < 0.45
    emergency_reason = stays.emergency[who] & same_reason
    for name in ("reason", "dx", "drg", "procedure", "surgical", "price"):
        getattr(again, name)[emergency_reason] = getattr(stays, name)[who][emergency_reason]
    again.emergency[:] = True
    again.through_ed[:] = rng.random(len(who)) < 0.9
    again.discharged = np.minimum(again.discharged, day + 20)
    over = int(keep[mine].sum()) + len(again) - wanted
    spare = np.flatnonzero(mine & keep & ~followed & ~follows & ~fixed)
    spare = np.setdiff1d(spare, who, assume_unique=True)
    if over > 0:
        keep[rng.permutation(spare)[:over]] = False
    return again


def _drawn(scene: Scene, person: np.ndarray, day: np.ndarray) -> Stays:
    """Stays that begin on these days, with a reason that fits the person."""
    rng = scene.rng
    table = tables.reasons("stays")
    many = len(person)
    chosen = scene.choose_reason(table, person, day)

    def number(name: str) -> np.ndarray:
        return np.array([float(reason.row[name]) for reason in table])[chosen]

    dx = np.empty(many, dtype=np.int32)
    drg = np.empty(many, dtype=np.int16)
    procedure = np.array([PCS.number(reason.row["procedure"]) for reason in table])[chosen]
    for at, reason in enumerate(table):
        where = np.flatnonzero(chosen == at)
        dx[where] = reason.dx.draw(rng, len(where))
        assert reason.drg is not None
        drg[where] = reason.drg.draw(rng, len(where))
    nights = np.maximum(1, np.round(rng.gamma(1.7, number("nights") / 1.7))).astype(np.int32)
    nights = np.where(rng.random(many) < 0.004, nights + rng.integers(28, 45, many), nights).astype(np.int32)
    emergency = rng.random(many) < number("emergency")
    through = emergency & (rng.random(many) < number("through_ed") / np.maximum(number("emergency"), 0.01))
    age = scene.age(person, day)
    return Stays(
        person=person.astype(np.int32),
        admitted=day.astype(np.int32),
        discharged=(day + nights).astype(np.int32),
        reason=chosen.astype(np.int16),
        dx=dx,
        drg=drg,
        procedure=procedure.astype(np.int16),
        emergency=emergency,
        through_ed=through,
        died=np.zeros(many, dtype=bool),
        price=number("price") * (1 + 0.05 * (nights - number("nights")).clip(-4, 40)),
        onward=number("onward") * np.where(age >= 65, 1, 0.3),
        transfer=rng.random(many) < number("transfer"),
        surgical=procedure >= 0,
    )


def _without_overlaps(stays: Stays) -> Stays:
    """Ordered by person and day; of two stays that touch or overlap the later one goes, unless it had to happen."""
    stays = stays.take(np.lexsort((stays.admitted, stays.person)))
    while len(stays) > 1:
        touches = (stays.person[1:] == stays.person[:-1]) & (stays.admitted[1:] <= stays.discharged[:-1] + 1)
        if not touches.any():
            break
        gone = np.zeros(len(stays), dtype=bool)
        later = np.flatnonzero(touches) + 1
        had_to = (stays.reason[later] < 0) | stays.died[later]
        gone[np.where(had_to, later - 1, later)] = True
        stays = stays.take(np.flatnonzero(~gone))
    return stays


def _births(scene: Scene) -> Stays:
    """A stay of the mother for every child born in the history, and of every fifth child."""
    rng, people, calendar = scene.rng, scene.people, scene.calendar
    child = np.flatnonzero((people.mother >= 0) & (people.birth >= calendar.start + 3))
    child = child[np.lexsort((people.birth[child], people.mother[child]))]
    mother, born = people.mother[child], people.birth[child]
    again = np.append(False, (mother[1:] == mother[:-1]) & (born[1:] - born[:-1] < 300))
    covered = scene.covered(mother, born) & (people.sex[mother] == FEMALE) & ~again
    covered &= ~scene.written[mother] if len(scene.written) else True
    child, mother, born = child[covered], mother[covered], born[covered]
    section = rng.random(len(child)) < 0.3
    dx = np.where(section, Choice("O34211:6|O321XX0:2", DX).draw(rng, len(child)), DX.number("O80"))
    drg = np.where(
        section, Choice("788:7|787:3", DRG).draw(rng, len(child)), Choice("807:8|806:2", DRG).draw(rng, len(child))
    )
    mothers = _plain(
        mother,
        born - (rng.random(len(child)) < 0.3),
        born + np.where(section, 3, 2),
        DELIVERY,
        dx,
        drg,
        np.where(section, PCS.number("10D00Z1"), PCS.number("10E0XZZ")),
        np.where(section, 1.15, 0.75),
    )
    ill = rng.random(len(child)) < 0.16
    small = child[ill]
    nights = np.maximum(3, np.round(rng.gamma(1.2, 7, len(small)))).astype(np.int32)
    early = rng.random(len(small)) < 0.5
    newborns = _plain(
        small,
        people.birth[small],
        people.birth[small] + nights,
        NEWBORN,
        np.full(len(small), DX.number("Z3800")),
        np.where(early, DRG.number("791"), DRG.number("793")),
        np.full(len(small), -1),
        0.5 + nights * 0.22,
    )
    return _join(mothers, newborns)


def _last_days(scene: Scene) -> Stays:
    """A third of those who die do so in a hospital."""
    rng, people, calendar = scene.rng, scene.people, scene.calendar
    person = np.flatnonzero((people.died <= calendar.as_of) & (people.died > calendar.start + 20))
    person = person[rng.random(len(person)) < 0.33]
    if len(scene.written):
        person = person[~scene.written[person]]
    nights = np.maximum(1, np.round(rng.gamma(1.6, 4, len(person)))).astype(np.int32)
    admitted = (people.died[person] - nights).astype(np.int32)
    keep = scene.covered(person, admitted)
    stays = _drawn(scene, person[keep].astype(np.int32), admitted[keep])
    stays.discharged = people.died[person[keep]].astype(np.int32)
    stays.died[:] = True
    stays.emergency[:] = True
    stays.through_ed[:] = True
    stays.transfer[:] = False
    stays.price *= 1.6
    return stays


def _plain(
    person: np.ndarray,
    admitted: np.ndarray,
    discharged: np.ndarray,
    reason: int,
    dx: np.ndarray,
    drg: np.ndarray,
    procedure: np.ndarray,
    price: np.ndarray,
) -> Stays:
    many = len(person)
    return Stays(
        person=person.astype(np.int32),
        admitted=admitted.astype(np.int32),
        discharged=discharged.astype(np.int32),
        reason=np.full(many, reason, dtype=np.int16),
        dx=dx.astype(np.int32),
        drg=drg.astype(np.int16),
        procedure=procedure.astype(np.int16),
        emergency=np.zeros(many, dtype=bool),
        through_ed=np.zeros(many, dtype=bool),
        died=np.zeros(many, dtype=bool),
        price=price.astype(np.float64),
        onward=np.zeros(many),
        transfer=np.zeros(many, dtype=bool),
        surgical=np.zeros(many, dtype=bool),
    )


def _join(*parts: Stays) -> Stays:
    return Stays(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])})


def deaths(rng: np.random.Generator, calendar, people: People, stay_risk: np.ndarray) -> None:
    """Decide who dies when; coverage stops that day."""
    a_year = np.array([0.040, 0.022, 0.0035, 0.0003, 0.0010])
    years = (calendar.as_of - calendar.start) / 365.25
    age = people.age(calendar.as_of)
    for segment in range(5):
        who = np.flatnonzero((people.segment == segment) & (people.payer[:, 3] >= 0))
        count = min(round(a_year[segment] * len(who) * years), len(who))
        if not count:
            continue
        key = 0.9 * stay_risk[who] + 0.075 * (age[who] - 70).clip(0) + rng.gumbel(0, 1, len(who))
        chosen = who[np.argsort(-key)[:count]]
        day = rng.integers(calendar.firsts[4], calendar.as_of - 5, count)
        people.died[chosen] = np.maximum(day, people.birth[chosen] + 60)
