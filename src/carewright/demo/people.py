"""
Who lives in the demo world: ages, households, names, languages, addresses, and who covers them from when to when.

Shares follow DEMO_RATES: 20 % Medicare at 65 and over, 4 % Medicare under 65, 30 % adults and 22 % children on
Medicaid, 24 % commercial; 78 % speak English, 15 % Spanish. Families share a name, an address and a phone.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from carewright.demo import tables
from carewright.demo.calendar import NEVER, Calendar
from carewright.demo.tables import COMMERCIAL, DISABLED, MEDICAID_ADULT, MEDICAID_CHILD, SENIOR, SHARES

FEMALE, MALE = 0, 1
MERIDIAN, HARBOR, ATLAS = 0, 1, 2
PEOPLES = ("anglo", "black", "hispanic", "asian", "other")
PEOPLE_SHARES = (0.52, 0.19, 0.19, 0.06, 0.04)
LANGUAGES = ("en", "es", "vi", "zh", "ko", "hi", "pl", "ar", "ru", "ht", "so")
FIRST_NUMBER = 50_000_000
"""Person numbers of generated people start here; the people written by hand have numbers of their own."""


@dataclass
class People:
    """Everyone in one block. All arrays have one entry per person; `payer`, `first`, `last` one per person and month."""

    count: int
    number: np.ndarray
    segment: np.ndarray
    birth: np.ndarray
    sex: np.ndarray
    household: np.ndarray
    mother: np.ndarray
    people: np.ndarray
    language: np.ndarray
    place: np.ndarray
    street: np.ndarray
    phone: np.ndarray
    given: np.ndarray
    family: np.ndarray
    died: np.ndarray
    payer: np.ndarray
    first: np.ndarray
    last: np.ndarray
    dual: np.ndarray
    entitlement: np.ndarray
    institutional: np.ndarray
    hospice_from: np.ndarray

    def age(self, on: np.ndarray | int) -> np.ndarray:
        """Age in years (fractional) on a day."""
        return (on - self.birth) / 365.25

    def covered_days(self) -> np.ndarray:
        """Covered days per person and month."""
        return np.where(self.payer >= 0, self.last - self.first + 1, 0).clip(0)

    def payer_on(self, person: np.ndarray, day: np.ndarray, calendar: Calendar) -> np.ndarray:
        """Who covers these people on these days; -1 for nobody."""
        month = np.searchsorted(calendar.firsts, day, side="right") - 1
        month = month.clip(0, calendar.months - 1)
        inside = (day >= self.first[person, month]) & (day <= self.last[person, month])
        return np.where(inside, self.payer[person, month], -1)


def draw(rng: np.random.Generator, calendar: Calendar, count: int, number_from: int) -> People:
    """Draw `count` people and their coverage; the same generator state gives the same people."""
    segment = np.repeat(np.arange(5), np.diff(np.round(np.cumsum((0, *SHARES)) * count).astype(int)))
    segment = rng.permutation(segment).astype(np.int8)
    age = _ages(rng, segment)
    birth = (calendar.as_of - np.floor(age * 365.25)).astype(np.int32)
    women = np.array([0.56, 0.48, 0.59, 0.49, 0.51])[segment]
    sex = np.where(rng.random(count) < women, FEMALE, MALE).astype(np.int8)
    household, mother = _households(rng, segment, sex, age)
    people, language, place = _origins(rng, count, household)
    payer, first, last = _coverage(rng, calendar, segment, birth)
    given, family = _names(rng, people, sex, household)
    return People(
        count=count,
        number=FIRST_NUMBER + number_from + np.arange(count, dtype=np.int64),
        segment=segment,
        birth=birth,
        sex=sex,
        household=household,
        mother=mother,
        people=people,
        language=language,
        place=place,
        street=rng.integers(0, 1_000_000, count)[household],
        phone=((number_from + np.arange(count)) % 100_000)[household],
        given=given,
        family=family,
        died=np.full(count, NEVER, dtype=np.int32),
        payer=payer,
        first=first,
        last=last,
        dual=_dual_status(rng, segment),
        entitlement=_entitlement(rng, segment),
        institutional=rng.random(count) < np.array([0.03, 0.015, 0, 0, 0])[segment] * np.where(age > 78, 2.5, 0.6),
        hospice_from=np.full(count, NEVER, dtype=np.int32),
    )


def _ages(rng: np.random.Generator, segment: np.ndarray) -> np.ndarray:
    count = len(segment)
    senior = 65 + 34.5 * rng.beta(1.0, 2.6, count)
    disabled = 24 + 40.8 * rng.beta(2.2, 1.1, count)
    medicaid = 19 + 45.9 * rng.beta(1.15, 1.5, count)
    infant_thinned = rng.random(count)
    child = 18.9 * np.where(infant_thinned < 0.035, rng.uniform(0.16, 1, count), rng.random(count))
    child = np.where(child < 0.05, child + 3, child)
    commercial = np.where(rng.random(count) < 0.27, child, 19 + 45.9 * rng.beta(1.3, 1.2, count))
    return np.choose(segment, [senior, disabled, medicaid, child, commercial])


def _households(
    rng: np.random.Generator, segment: np.ndarray, sex: np.ndarray, age: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Children live with a woman of the same payer old enough to be their mother; many adults live in couples."""
    count = len(segment)
    head = np.arange(count, dtype=np.int32)
    mother = np.full(count, -1, dtype=np.int32)
    for kids, adults in ((MEDICAID_CHILD, MEDICAID_ADULT), (COMMERCIAL, COMMERCIAL)):
        women = np.flatnonzero((segment == adults) & (sex == FEMALE) & (age >= 20) & (age < 60))
        children = np.flatnonzero((segment == kids) & (age < 19))
        if not len(women) or not len(children):
            continue
        women = women[np.argsort(age[women])]
        wanted = age[children] + rng.normal(28, 5, len(children)).clip(18, 42)
        at = np.searchsorted(age[women], wanted) + rng.integers(-6, 7, len(children))
        chosen = women[at.clip(0, len(women) - 1)]
        fits = (age[chosen] - age[children] >= 16.5) & (age[chosen] - age[children] <= 46)
        mother[children[fits]] = chosen[fits]
        head[children[fits]] = chosen[fits]
    for kind, share in ((SENIOR, 0.45), (MEDICAID_ADULT, 0.2), (COMMERCIAL, 0.45)):
        adult = (segment == kind) & (age >= 21) & (rng.random(count) < share)
        men = np.flatnonzero(adult & (sex == MALE))
        women = np.flatnonzero(adult & (sex == FEMALE))
        pairs = min(len(men), len(women))
        men = men[np.argsort(age[men] + rng.normal(0, 3, len(men)))][:pairs]
        women = women[np.argsort(age[women] + rng.normal(0, 3, len(women)))][:pairs]
        head[women] = men
    return head[head], mother


def _origins(rng: np.random.Generator, count: int, household: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    people = rng.choice(5, count, p=PEOPLE_SHARES).astype(np.int8)[household]
    u = rng.random(count)[household]
    other = rng.random(count)[household]
    language = np.zeros(count, dtype=np.int8)
    language[(people == 2) & (u < 0.79)] = 1
    asian = (people == 3) & (u < 0.68)
    language[asian] = 2 + np.floor(other[asian] * 4).astype(np.int8)
    rest = (people == 4) & (u < 0.55)
    language[rest] = 6 + np.floor(other[rest] * 3).astype(np.int8)
    black = (people == 1) & (u < 0.04)
    language[black] = 9 + np.floor(other[black] * 2).astype(np.int8)
    places = tables.read("places")
    weight = np.array([float(row["weight"]) for row in places])
    poor = np.array([float(row["hardship"]) > 0 for row in places])
    chance = np.stack([np.where(poor, weight * tilt, weight) for tilt in (0.7, 2.6, 2.0, 0.9, 1.3)])
    cumulative = np.cumsum(chance / chance.sum(axis=1, keepdims=True), axis=1)
    v = rng.random(count)[household]
    place = (v[:, None] > cumulative[people]).sum(axis=1).clip(0, len(places) - 1).astype(np.int16)
    return people, language, place


def _names(
    rng: np.random.Generator, people: np.ndarray, sex: np.ndarray, household: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers into the lists of `name_lists()`: given names by people and sex, family names by people."""
    given_of, family_of, _, _ = name_lists()
    u, v, own = rng.random(len(people)), rng.random(len(people)), rng.random(len(people)) < 0.12
    start, length = given_of[people, sex].T
    given = start + np.floor(u * length).astype(np.int32)
    start, length = family_of[people].T
    v = np.where(own, v, v[household])
    return given.astype(np.int32), (start + np.floor(v * length)).astype(np.int32)


@cache
def name_lists() -> tuple[np.ndarray, np.ndarray, list[str], list[str]]:
    """Where each people's given names (by sex) and family names start and how many there are; then the lists."""
    rows = {(row["people"], row["kind"]): row["names"].split() for row in tables.read("names")}
    given: list[str] = []
    family: list[str] = []
    given_of = np.zeros((5, 2, 2), dtype=np.int32)
    family_of = np.zeros((5, 2), dtype=np.int32)
    for at, people in enumerate(PEOPLES):
        for sex, kind in ((FEMALE, "female"), (MALE, "male")):
            given_of[at, sex] = len(given), len(rows[people, kind])
            given += rows[people, kind]
        family_of[at] = len(family), len(rows[people, "family"])
        family += rows[people, "family"]
    return given_of, family_of, given, family


def _coverage(
    rng: np.random.Generator, calendar: Calendar, segment: np.ndarray, birth: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Payer (or -1) per person and month, and the first and last covered day of that month."""
    count, months = len(segment), calendar.months
    month = np.arange(months)
    late = rng.random(count) < np.array([0.02, 0.03, 0.25, 0.12, 0.18])[segment]
    begins = np.where(late, rng.integers(1, months - 4, count), 0)
    leaves = rng.random(count) < np.array([0.015, 0.02, 0.12, 0.08, 0.12])[segment]
    ends = np.where(leaves, np.minimum(begins + 3 + rng.integers(0, months, count), months - 2), months - 1)
    gap = rng.random(count) < np.array([0, 0, 0.15, 0.10, 0.01])[segment]
    gap_from = begins + 2 + rng.integers(0, months, count) % 20
    gap_to = np.where(gap, gap_from + rng.integers(1, 5, count), gap_from)
    covered = (month >= begins[:, None]) & (month <= ends[:, None])
    covered &= ~((month >= gap_from[:, None]) & (month < gap_to[:, None]))
    payer_of = np.array([MERIDIAN, MERIDIAN, HARBOR, HARBOR, ATLAS], dtype=np.int8)
    payer = np.where(covered, payer_of[segment][:, None], -1).astype(np.int8)
    # Medicare begins with the month of the 65th birthday; before it, half had commercial coverage.
    turns_65 = birth + np.int32(23741)
    not_yet = calendar.lasts[None, :] < turns_65[:, None]
    before = rng.random(count) < 0.5
    senior = (segment == SENIOR)[:, None]
    payer = np.where(senior & not_yet, np.where(before[:, None], ATLAS, -1), payer).astype(np.int8)
    # Whoever fell between all this has had coverage for the last two months, or would not be a member.
    nobody = (payer < 0).all(axis=1)
    payer[nobody, -2:] = payer_of[segment[nobody], None]
    first = np.maximum(calendar.firsts[None, :], birth[:, None]).astype(np.int32)
    last = np.broadcast_to(calendar.lasts[None, :], first.shape).astype(np.int32)
    payer[first > last] = -1
    return payer, first, last


def end_with_death(people: People) -> None:
    """Let coverage stop on the day somebody died."""
    last = np.minimum(people.last, people.died[:, None])
    people.payer[people.first > last] = -1
    people.last = last


def _dual_status(rng: np.random.Generator, segment: np.ndarray) -> np.ndarray:
    """Index into ('', '01', '02', '03', '05', '06', '08'); only Medicare members have one."""
    u = rng.random(len(segment))
    full = np.array([0.14, 0.42, 0, 0, 0])[segment]
    partial = np.array([0.05, 0.12, 0, 0, 0])[segment]
    which = rng.random(len(segment))
    return np.where(
        u < full,
        np.where(which < 0.7, 2, 6),
        np.where(u < full + partial, np.choose((which * 4).astype(int).clip(0, 3), [1, 3, 4, 5]), 0),
    ).astype(np.int8)


def _entitlement(rng: np.random.Generator, segment: np.ndarray) -> np.ndarray:
    """Original reason for entitlement: 0 age, 1 disability, 2 kidney disease; -1 outside Medicare."""
    u = rng.random(len(segment))
    senior = np.where(u < 0.09, 1, 0)
    disabled = np.where(u < 0.94, 1, 2)
    return np.where(segment == SENIOR, senior, np.where(segment == DISABLED, disabled, -1)).astype(np.int8)
