"""
How well or ill each person of the demo world is: lasting conditions that cluster, worsen and drive what happens.

A condition comes from a general frailty, from clusters (heart and kidney, lung, mind, substance use), from age and
from chance; in every block exactly the share of DEMO_RATES has it. What people need later follows from these
conditions and from a health that drifts from quarter to quarter: the past predicts the future, but not well, and the
worst quarter is usually followed by a better one. That is what fools naive before-and-after charts.
"""

from dataclasses import dataclass

import numpy as np

from carewright.demo import tables
from carewright.demo.calendar import Calendar
from carewright.demo.people import FEMALE, MALE, People
from carewright.demo.tables import COMMERCIAL, DX

SEEN_ON_CLAIMS = 0.95
"""How many of those who have a condition get it coded often enough to be counted: the shares are raised by this."""

CLUSTERS = ("heart", "lung", "mind", "use")
CHILD_GROUP = 5


@dataclass
class Health:
    """
    One row per person. `has`, `onset`, `code`, `later_code`, `turns` have one column per condition: whether, since
    when, coded how, and coded how from the day it worsened. `stay_risk`, `ed_risk`, `need`: log of relative use.
    `season`: log of the drifting part, per person and month.
    """

    has: np.ndarray
    onset: np.ndarray
    code: np.ndarray
    later_code: np.ndarray
    turns: np.ndarray
    general: np.ndarray
    stay_risk: np.ndarray
    ed_risk: np.ndarray
    need: np.ndarray
    season: np.ndarray
    dear: np.ndarray

    def active(self, person: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Which conditions these people already have on these days: one row per event, one column per condition."""
        return self.has[person] & (self.onset[person] <= day[:, None])

    def code_on(self, person: np.ndarray, condition: np.ndarray, day: np.ndarray) -> np.ndarray:
        """How that condition is coded on that day."""
        worse = day >= self.turns[person, condition]
        return np.where(worse, self.later_code[person, condition], self.code[person, condition])

    def with_condition(self, name: str) -> np.ndarray:
        """One truth value per person."""
        return self.has[:, tables.place_of_condition()[name]]


def draw(rng: np.random.Generator, calendar: Calendar, people: People, hardship: np.ndarray) -> Health:
    """Draw everyone's health. `hardship` says per person how hard the neighborhood is (about -0.5 to 1)."""
    count, kinds = people.count, tables.conditions()
    general = rng.normal(0, 1, count) + 0.12 * hardship
    clusters = {name: rng.normal(0, 1, count) + 0.12 * hardship for name in CLUSTERS}
    group = np.where((people.segment == COMMERCIAL) & (people.age(calendar.as_of) < 19), CHILD_GROUP, people.segment)
    has = np.zeros((count, len(kinds)), dtype=bool)
    age = people.age(calendar.as_of)
    for segment in range(CHILD_GROUP + 1):
        who = np.flatnonzero(group == segment)
        if len(who):
            older = (age[who] - age[who].mean()) / max(age[who].std(), 1e-9)
            factors = {name: value[who] for name, value in clusters.items()}
            has[who] = _conditions(rng, segment, general[who], factors, older, people.sex[who])
    _implied(has)
    onset = _onsets(rng, calendar, people, has)
    code, later_code, turns = _codes(rng, calendar, has)
    weight_stay = np.array([kind.stay for kind in kinds])
    weight_ed = np.array([kind.ed for kind in kinds])
    stay_risk = has @ weight_stay * 0.8 + 0.3 * general + 0.4 * rng.normal(0, 1, count) + 0.02 * (age - 75).clip(0)
    ed_risk = has @ weight_ed * 0.8 + 0.2 * general + 0.6 * rng.normal(0, 1, count) + 0.15 * hardship
    quarters = calendar.months // 3 + 1
    drift = np.empty((count, quarters))
    drift[:, 0] = rng.normal(0, 1, count)
    for quarter in range(1, quarters):
        drift[:, quarter] = 0.65 * drift[:, quarter - 1] + np.sqrt(1 - 0.65**2) * rng.normal(0, 1, count)
    season = np.repeat(drift, 3, axis=1)[:, : calendar.months]
    return Health(
        has=has,
        onset=onset,
        code=code,
        later_code=later_code,
        turns=turns,
        general=general,
        stay_risk=stay_risk,
        ed_risk=ed_risk,
        need=0.3 * general + 0.35 * rng.normal(0, 1, count),
        season=season,
        dear=0.5 * rng.normal(0, 1, count),
    )


def _conditions(
    rng: np.random.Generator,
    segment: int,
    general: np.ndarray,
    clusters: dict[str, np.ndarray],
    older: np.ndarray,
    sex: np.ndarray,
) -> np.ndarray:
    """Who of one segment has what: exactly the share the table asks for, the likeliest first."""
    count = len(general)
    has = np.zeros((count, len(tables.conditions())), dtype=bool)
    for at, kind in enumerate(tables.conditions()):
        share = kind.child_share if segment == CHILD_GROUP else kind.shares[segment]
        if segment == tables.SENIOR:
            share *= kind.more_seniors
        pull = kind.pull if kind.cluster else 0.0
        rest = np.sqrt(max(1 - kind.general**2 - pull**2 - kind.age_pull**2, 0.1))
        leaning = kind.general * general + kind.age_pull * older + rest * rng.normal(0, 1, count)
        if kind.cluster:
            leaning += pull * clusters[kind.cluster]
        if kind.sex != "any":
            leaning[sex == (MALE if kind.sex == "female" else FEMALE)] = -np.inf
        wanted = min(int(np.floor(share / SEEN_ON_CLAIMS * count + rng.random())), int(np.isfinite(leaning).sum()))
        if wanted:
            has[np.argpartition(-leaning, wanted - 1)[:wanted], at] = True
    return has


def _implied(has: np.ndarray) -> None:
    """What goes with what: kidneys that have failed were ill before; schizophrenia is not also coded as autism."""
    at = tables.place_of_condition()
    has[:, at["chronic_kidney_disease"]] |= has[:, at["end_stage_renal_disease"]]
    has[has[:, at["schizophrenia"]], at["autism"]] = False


def _onsets(rng: np.random.Generator, calendar: Calendar, people: People, has: np.ndarray) -> np.ndarray:
    """Seven in eight had it before the history begins; the rest fall ill on some day of it."""
    span = calendar.as_of - 200 - calendar.start
    new = rng.random(has.shape) < 0.12
    onset = np.where(new, calendar.start + np.floor(rng.random(has.shape) * span), people.birth[:, None] - 1)
    return np.maximum(onset, people.birth[:, None] + np.where(new, 30, 0)).astype(np.int32)


def _codes(rng: np.random.Generator, calendar: Calendar, has: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each person's code per condition, following the coding rules that join heart, kidney and diabetes."""
    count, kinds = has.shape[0], tables.conditions()
    at = tables.place_of_condition()
    code = np.stack([kind.codes.draw(rng, count) for kind in kinds], axis=1)
    turns = np.full(has.shape, calendar.as_of + 1, dtype=np.int32)
    dx = DX.number
    heart, kidney = has[:, at["heart_failure"]], has[:, at["chronic_kidney_disease"]]
    failed = has[:, at["end_stage_renal_disease"]]
    pressure = np.select(
        [heart & failed, failed, heart & kidney, heart, kidney],
        [dx("I132"), dx("I120"), dx("I130"), dx("I110"), dx("I129")],
        dx("I10"),
    )
    code[:, at["hypertension"]] = pressure
    code[kidney & has[:, at["diabetes"]], at["diabetes"]] = dx("E1122")
    stage = at["chronic_kidney_disease"]
    later = code.copy()
    next_stage = {dx("N1830"): dx("N1832"), dx("N1831"): dx("N1832"), dx("N1832"): dx("N184"), dx("N184"): dx("N185")}
    worsens = kidney & ~failed & (rng.random(count) < 0.25)
    for now, then in next_stage.items():
        later[worsens & (code[:, stage] == now), stage] = then
    turns[worsens, stage] = rng.integers(calendar.start, calendar.as_of, int(worsens.sum()))
    code[failed, stage] = later[failed, stage] = dx("N186")
    return code.astype(np.int32), later.astype(np.int32), turns


def problems(
    rng: np.random.Generator, health: Health, person: np.ndarray, day: np.ndarray, most: int, typical: float
) -> np.ndarray:
    """
    The lasting conditions a bill names, in any order: codes per event, -1 where there are fewer.

    `typical` is the mean number a bill names; nobody's bill names more than `most`.
    """
    if not len(person):
        return np.empty((0, most), dtype=np.int32)
    active = health.active(person, day)
    key = rng.random(active.shape, dtype=np.float32)
    key[~active] = 2
    order = np.argpartition(key, most, axis=1)[:, :most]
    order = np.take_along_axis(order, np.argsort(np.take_along_axis(key, order, axis=1), axis=1), axis=1)
    named = np.take_along_axis(key, order, axis=1) < 2
    how_many = 1 + rng.poisson(max(typical - 1, 0), len(person))
    named &= np.arange(most) < how_many[:, None]
    codes = health.code_on(person[:, None], order, day[:, None])
    return np.where(named, codes, -1).astype(np.int32)
