"""
What pharmacies dispense: which medicines each person takes, how faithfully, and every fill.

Shares follow DEMO_RATES: of adults 40 % fill one to four medicines in a year, 20 % five to nine, 7 % ten or more,
twice as many at 65 and over. Six in ten people refill nearly on time and four in ten leave gaps, so that a statin is
in the house on three days of four.
"""

from dataclasses import dataclass

import numpy as np

from carewright.demo import tables
from carewright.demo.people import FEMALE
from carewright.demo.scene import Scene
from carewright.demo.tables import Drug

FAITHFUL_FROM = 0.16
"""Half of the pairs of person and medicine are refilled on time; of those who refill at all it is six in ten."""
ACUTE_FILLS_A_YEAR = 0.85


@dataclass
class Fills:
    """One entry per fill. `drug` points into the table of drugs, `ndc` into that drug's package codes."""

    person: np.ndarray
    day: np.ndarray
    drug: np.ndarray
    ndc: np.ndarray
    days: np.ndarray
    prescriber: np.ndarray
    pharmacy: np.ndarray
    refill: np.ndarray

    def __len__(self) -> int:
        return len(self.person)


def draw(scene: Scene) -> Fills:
    """Every fill of the block."""
    rng, people = scene.rng, scene.people
    drugs = tables.drugs()
    person, drug = _lists(scene, drugs)
    acute = np.array([one.kind.startswith("acute") for one in drugs])[drug]
    trait = rng.normal(0, 1, people.count)
    who, what, day, days, refill = _repeated(scene, person[~acute], drug[~acute], trait)
    lasting_from = np.array([_begins(scene, one) for one in drugs])
    keep = day >= lasting_from[what, who]
    chronic = [part[keep] for part in (who, what, day, days, refill)]
    sick = _once(scene, person[acute], drug[acute])
    who, what, day, days, refill = (np.concatenate(pair) for pair in zip(chronic, sick, strict=True))
    keep = scene.covered(who, day) & (day < people.hospice_from[who])
    who, what, day, days, refill = (part[keep] for part in (who, what, day, days, refill))
    packages = np.array([len(one.ndcs) for one in drugs])
    doctors = scene.directory.doctors
    usual = scene.doctor[who]
    pharmacies = scene.directory.other["pharmacy"]
    return Fills(
        person=who.astype(np.int32),
        day=day.astype(np.int32),
        drug=what.astype(np.int32),
        ndc=((who + what) % packages[what]).astype(np.int32),
        days=days.astype(np.int32),
        prescriber=np.where(usual < 0, doctors[who % len(doctors)], usual).astype(np.int32),
        pharmacy=pharmacies[who % len(pharmacies)].astype(np.int32),
        refill=refill.astype(np.int32),
    )


def _begins(scene: Scene, drug: Drug) -> np.ndarray:
    """
    From when each person may be given a drug: from the onset of the first condition it is used for.

    A drug that is also given otherwise may be given at any time.
    """
    at = tables.place_of_condition()
    if drug.otherwise or not drug.used_for:
        return np.zeros(scene.people.count, dtype=np.int32)
    onset = [np.where(scene.health.has[:, at[name]], scene.health.onset[:, at[name]], 10**6) for name in drug.used_for]
    return np.min(onset, axis=0).astype(np.int32)


def _lists(scene: Scene, drugs: tuple[Drug, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Who takes what: as many medicines per person as their rank among their peers asks for."""
    rng, people, health = scene.rng, scene.people, scene.health
    age = people.age(scene.calendar.as_of)
    weight = np.full((people.count, len(drugs)), -np.inf, dtype=np.float32)
    at = tables.place_of_condition()
    adult, fertile = age >= 16, (people.sex == FEMALE) & (age >= 16) & (age < 46)
    for column, drug in enumerate(drugs):
        value = np.full(people.count, drug.otherwise * 0.55)
        for name, more in drug.used_for.items():
            value += more * health.has[:, at[name]]
        if drug.kind == "contraceptive":
            value = np.where(fertile, value, 0)
        elif drug.kind == "acute_child":
            value = np.where(adult, 0, value)
        elif drug.kind == "acute":
            value = np.where(age >= 5, value * np.where(adult, 1, 0.35), 0)
        elif drug.otherwise:
            value = np.where(adult | (value > drug.otherwise), value, value * 0.1)
        with np.errstate(divide="ignore"):
            weight[:, column] = np.log(value)
    weight += rng.gumbel(0, 1, weight.shape).astype(np.float32)
    wanted = _how_many(rng, health.has.sum(axis=1) + 0.8 * health.general, age)
    wanted = np.minimum(wanted, np.isfinite(weight).sum(axis=1))
    if len(scene.written):
        wanted[scene.written] = 0
    order = np.argsort(-weight, axis=1)
    taken = np.arange(len(drugs)) < wanted[:, None]
    person = np.nonzero(taken)[0]
    return person.astype(np.int32), order[taken].astype(np.int32)


def _how_many(rng: np.random.Generator, burden: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Numbers of medicines in the wanted shares, more for those with more conditions."""
    wanted = np.zeros(len(burden), dtype=np.int32)
    plans = (
        (age >= 65, (0.06, 0.33, 0.41, 0.20)),
        ((age >= 18) & (age < 65), (0.35, 0.435, 0.155, 0.06)),
        (age < 18, (0.44, 0.54, 0.02, 0.0)),
    )
    for who, shares in plans:
        at = np.flatnonzero(who)
        if not len(at):
            continue
        rank = np.argsort(np.argsort(burden[at] + rng.normal(0, 0.9, len(at)))) / len(at)
        within = rng.random(len(at))
        edges = np.cumsum(shares)
        few = 1 + np.floor(4 * within**1.2)
        some = 5 + np.floor(5 * within**1.3)
        many = 10 + np.floor(6 * within**1.6)
        band = np.searchsorted(edges, rank, side="right").clip(0, 3)
        wanted[at] = np.choose(band, [np.zeros(len(at)), few, some, many]).astype(np.int32)
    return wanted


def _repeated(
    scene: Scene, person: np.ndarray, drug: np.ndarray, trait: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Fill after fill of the lasting medicines: person, drug, day, days' supply, number of the refill."""
    rng, calendar = scene.rng, scene.calendar
    many = len(person)
    days = np.where(rng.random(many) < 0.6, 30, 90)
    faithful = 0.8 * trait[person] + 0.6 * rng.normal(0, 1, many)
    on_time = faithful > FAITHFUL_FROM
    share = np.where(on_time, rng.uniform(0.82, 1.0, many), rng.uniform(0.2, 0.7, many))
    typical = days / share
    new = rng.random(many) < 0.2
    span = calendar.as_of - 120 - calendar.start
    begins = np.where(new, calendar.start + rng.random(many) * span, calendar.start - 30 + rng.random(many) * typical)
    spread = np.where(on_time, 0.10, 0.45)
    out: list[tuple[np.ndarray, ...]] = []
    for supply, turns in ((30, 33), (90, 12)):
        at = np.flatnonzero(days == supply)
        wobble = np.exp(spread[at, None] * rng.normal(0, 1, (len(at), turns)) - 0.5 * spread[at, None] ** 2)
        steps = np.maximum(typical[at, None] * wobble, supply * 0.92)
        steps[:, 0] = 0
        day = (begins[at, None] + np.cumsum(steps, axis=1)).astype(np.int32)
        row, turn = np.nonzero((day >= calendar.start) & (day <= calendar.as_of))
        out.append((person[at[row]], drug[at[row]], day[row, turn], np.full(len(row), supply), turn % 6))
    who, what, day, days_each, refill = (np.concatenate([part[column] for part in out]) for column in range(5))
    return who, what, day, days_each, refill


def _once(scene: Scene, person: np.ndarray, drug: np.ndarray) -> list[np.ndarray]:
    """Short courses: an antibiotic, a few pain tablets."""
    rng, calendar = scene.rng, scene.calendar
    years = (calendar.as_of - calendar.start) / 365.25
    repeat = np.maximum(rng.poisson(ACUTE_FILLS_A_YEAR * years, len(person)), 1)
    who, what = np.repeat(person, repeat), np.repeat(drug, repeat)
    day = calendar.start + np.floor(rng.random(len(who)) * (calendar.as_of - calendar.start + 1)).astype(np.int32)
    days = rng.choice(np.array([5, 7, 10, 14]), len(who))
    return [who, what, day, days, np.zeros(len(who), dtype=np.int64)]
