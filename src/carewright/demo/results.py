"""
What is measured: blood tests at the laboratory, blood pressure and weight in two practices, and answers about needs.

Values follow the conditions: an eGFR of 38 belongs to kidney disease stage 3b. One person in four was asked about
food, housing, rides, bills and safety; the shares who said yes are those of DEMO_RATES.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carewright.demo import tables
from carewright.demo.scene import Scene

IN_LABORATORY_FEED = 0.7
SCREENED = 0.24

QUESTIONS = (
    ("88122-7", "Worried food would run out, past 12 months", 0.20, ("Often true", "Sometimes true"), "Never true"),
    (
        "71802-3",
        "Living situation today",
        0.12,
        ("I have a place to live today, but I am worried about losing it",),
        "I have a steady place to live",
    ),
    ("93030-5", "Lack of transportation kept you from appointments or work", 0.12, ("Yes",), "No"),
    ("96779-4", "Utility company threatened to shut off services", 0.10, ("Yes", "Already shut off"), "No"),
    ("95618-5", "Physically hurt by anyone, how often", 0.04, ("Sometimes", "Fairly often"), "Never"),
)
"""Questions of the AHC health-related social needs tool, as LOINC codes: share of yes, its words, and the words of no."""


@dataclass
class Results:
    """One entry per value: person, day, row in the table of results, value. `question` rows carry `answer` texts."""

    person: np.ndarray
    day: np.ndarray
    test: np.ndarray
    value: np.ndarray


@dataclass
class Answers:
    """One entry per answer: person, day, question, and the words of the answer."""

    person: np.ndarray
    day: np.ndarray
    question: np.ndarray
    answer: list[str]


def laboratory(scene: Scene, person: np.ndarray, day: np.ndarray) -> Results:
    """Results for the laboratory visits of those whose laboratory sends them to us."""
    rng, people, health = scene.rng, scene.people, scene.health
    in_feed = ((people.number * 2654435761 >> 7) % 1000) < 1000 * IN_LABORATORY_FEED
    keep = in_feed[person] & (day <= scene.calendar.as_of - 2)
    person, day = person[keep], day[keep]
    active = health.active(person, day)
    at = tables.place_of_condition()
    diabetes, kidney, heart = (active[:, at[n]] for n in ("diabetes", "chronic_kidney_disease", "heart_failure"))
    filter_rate = _egfr(scene, person, day, kidney)
    own = rng.normal(0, 1, (people.count, 4))[person]
    noise = rng.normal(0, 1, (len(person), 9))
    female = people.sex[person] == 0
    values = {
        "a1c": np.where(diabetes, 7.5 + 1.2 * own[:, 0] + 0.4 * noise[:, 0], 5.4 + 0.2 * own[:, 0]).clip(4.4, 14.5),
        "egfr": filter_rate,
        "creatinine": (82 / filter_rate + 0.04 * noise[:, 1]).clip(0.4, 11),
        "potassium": (4.2 + 0.4 * (filter_rate < 40) + 0.3 * noise[:, 2]).clip(2.9, 6.4),
        "ldl": (np.where(active[:, at["hyperlipidemia"]], 118, 106) + 24 * own[:, 1] + 7 * noise[:, 3]).clip(35, 260),
        "hemoglobin": (14.6 - 1.0 * female - 3.0 * active[:, at["anemia"]] + 0.8 * own[:, 2] + 0.3 * noise[:, 4]).clip(
            6, 18
        ),
        "uacr": np.exp(2.1 + 1.7 * (kidney | diabetes) + 0.9 * own[:, 3] + 0.2 * noise[:, 5]).clip(2, 3000),
        "bnp": np.exp(np.where(heart, 5.9, 3.6) + 0.7 * own[:, 3] + 0.3 * noise[:, 6]).clip(5, 4500),
        "tsh": np.exp(0.75 + 0.55 * own[:, 2] + 0.15 * noise[:, 7]).clip(0.05, 40),
    }
    chance: dict[str, np.ndarray | float] = {
        "a1c": np.where(diabetes, 0.7, 0.12),
        "egfr": 0.7,
        "creatinine": 0.7,
        "potassium": 0.6,
        "ldl": 0.4,
        "hemoglobin": 0.6,
        "uacr": np.where(diabetes | kidney, 0.3, 0.02),
        "bnp": np.where(heart, 0.35, 0.01),
        "tsh": 0.2,
    }
    names = [row["test"] for row in tables.read("results")]
    # Kidney tests come together, as they do from one tube of blood.
    panel = rng.random(len(person))
    parts = []
    for name, value in values.items():
        u = panel if name in ("egfr", "creatinine", "potassium") else rng.random(len(person))
        on = np.flatnonzero(u < chance[name])
        parts.append((person[on], day[on], np.full(len(on), names.index(name)), value[on]))
    return _join(parts)


def _egfr(scene: Scene, person: np.ndarray, day: np.ndarray, kidney: np.ndarray) -> np.ndarray:
    """How well the kidneys filter, after the stage that is coded."""
    stage = tables.place_of_condition()["chronic_kidney_disease"]
    column = np.full(len(person), stage)
    code = scene.health.code_on(person, column, day)
    typical = {"N1830": 48, "N1831": 52, "N1832": 37, "N184": 22, "N185": 12, "N186": 8}
    value = (108 - 0.62 * scene.age(person, day)).clip(50, 112) + 9 * np.sin(person)
    for name, rate in typical.items():
        value = np.where(kidney & (code == tables.DX.number(name)), rate + 2.5 * np.sin(person), value)
    return (value + scene.rng.normal(0, 1.5, len(person))).clip(4, 125)


def practice(scene: Scene, person: np.ndarray, day: np.ndarray) -> Results:
    """Blood pressure, weight and mood from the two practices that send us their records."""
    rng, people, health = scene.rng, scene.people, scene.health
    ours = scene.directory.practices[:2]
    adult = scene.age(person, day) >= 18
    keep = np.isin(scene.practice[person], ours) & adult & (day <= scene.calendar.as_of - 1)
    person, day = person[keep], day[keep]
    own = rng.normal(0, 1, (people.count, 3))[person]
    noise = rng.normal(0, 1, (len(person), 4))
    active = health.active(person, day)
    at = tables.place_of_condition()
    pressure = 120 + 13 * active[:, at["hypertension"]] + 9 * own[:, 0] + 7 * noise[:, 0]
    weight = 165 + 22 * (people.sex[person] == 1) + 45 * active[:, at["obesity"]] + 28 * own[:, 1] + 3 * noise[:, 1]
    mood = np.where(active[:, at["depression"]], 9.5, 2.5) + 3.5 * own[:, 2] + 2 * noise[:, 2]
    height = np.where(people.sex[person] == 1, 69.2, 63.8) + 2 * np.sin(person)
    weight = weight.clip(88, 420)
    names = [row["test"] for row in tables.read("results")]
    parts = []
    for name, value, chance in (
        ("systolic", pressure.clip(84, 218), 0.92),
        ("diastolic", (0.5 * pressure + 15 + 5 * noise[:, 3]).clip(44, 128), 0.92),
        ("weight", weight, 0.8),
        ("bmi", 703 * weight / height**2, 0.8),
        ("phq9", mood.clip(0, 27), 0.15),
    ):
        u = _steady(person, day) if name in ("systolic", "diastolic", "weight", "bmi") else rng.random(len(person))
        on = np.flatnonzero(u < chance)
        parts.append((person[on], day[on], np.full(len(on), names.index(name)), value[on]))
    return _join(parts)


def _steady(person: np.ndarray, day: np.ndarray) -> np.ndarray:
    """The same number between 0 and 1 for everything measured on one visit."""
    mixed = (person.astype(np.uint64) * np.uint64(2654435761) + day.astype(np.uint64) * np.uint64(40503)) % np.uint64(
        10007
    )
    return mixed / 10007


def _join(parts: Sequence[tuple[np.ndarray, ...]]) -> Results:
    person, day, test, value = (np.concatenate([part[at] for part in parts]) for at in range(4))
    digits = np.array([int(row["digits"]) for row in tables.read("results")])
    scale = 10.0 ** digits[test]
    return Results(person=person, day=day, test=test, value=np.round(value * scale) / scale)


def screening(scene: Scene, hardship: np.ndarray) -> Answers:
    """The answers of adults who were asked about their needs, once, in the last year and a half."""
    rng, people, calendar = scene.rng, scene.people, scene.calendar
    age = people.age(calendar.as_of)
    asked = np.flatnonzero((age >= 18) & (rng.random(people.count) < SCREENED))
    day = calendar.as_of - rng.integers(5, 540, len(asked)).astype(np.int32)
    keep = scene.covered(asked, day)
    if len(scene.written):
        keep &= ~scene.written[asked]
    asked, day = asked[keep].astype(np.int32), day[keep]
    strain = 0.5 * scene.health.general[asked] + 0.6 * hardship[asked] + rng.normal(0, 1, len(asked))
    persons, days, questions, answers = [], [], [], []
    for number, (_, _, share, yes, no) in enumerate(QUESTIONS):
        leaning = 0.6 * strain + rng.normal(0, 1, len(asked))
        count = int(np.floor(share * len(asked) + rng.random()))
        in_need = np.zeros(len(asked), dtype=bool)
        in_need[np.argsort(-leaning)[:count]] = True
        which = rng.integers(0, len(yes), len(asked))
        persons.append(asked)
        days.append(day)
        questions.append(np.full(len(asked), number))
        answers += [yes[w] if need else no for need, w in zip(in_need, which, strict=True)]
    return Answers(np.concatenate(persons), np.concatenate(days), np.concatenate(questions), answers)
