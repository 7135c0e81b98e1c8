"""
What is known from records, not from bills: results, measurements, answers, problem lists, and notices of hospitals.

Hospital notices reach us the same day; they are how a discharge of yesterday is known weeks before its claim.
"""

import numpy as np
import pyarrow as pa

from carewright.demo import tables
from carewright.demo.admissions import Stays
from carewright.demo.columns import coded, days, joined, same
from carewright.demo.deliveries import Schedule, Writers
from carewright.demo.dirt import Dirt
from carewright.demo.results import QUESTIONS, Answers, Results
from carewright.demo.scene import Scene
from carewright.demo.tables import DISPOSITION, DRG, DX

NOTICES_FOR = 150
"""Hospitals that send notices began to do so this many days ago."""
SENDING_HOSPITALS = 4
ROWS_PER_BLOCK = 1_000_000


def lab_results(scene: Scene, found: Results, *, schedule: Schedule, writers: Writers, dirt: Dirt, block: int) -> None:
    """Write the laboratory's results: its history first, then a file for the last month."""
    rows_of = tables.read("results")
    order = np.lexsort((found.test, found.person, found.day))
    person, day, test, value = (getattr(found, name)[order] for name in ("person", "day", "test", "value"))
    low = [row["low"] for row in rows_of]
    high = [row["high"] for row in rows_of]
    below = np.array([float(v) if v else -np.inf for v in low])[test]
    above = np.array([float(v) if v else np.inf for v in high])[test]
    flag = np.where(value < below, 0, np.where(value > above, 1, -1))
    whole = pa.table(
        {
            "lab_result_id": joined("L", block * ROWS_PER_BLOCK + np.arange(len(test))),
            "person_id": joined("", scene.people.number[person]),
            "accession_number": joined("A", day.astype(np.int64) * 100_000 + scene.people.number[person] % 100_000),
            "source_component_type": same("loinc", len(test)),
            "source_component_code": coded(test, [row["loinc"] for row in rows_of]),
            "source_component_description": coded(test, [row["name"] for row in rows_of]),
            "status": same("final", len(test)),
            "result": _written(value, test),
            "result_datetime": days(day + 1),
            "collection_datetime": days(day),
            "source_units": coded(test, [row["unit"] for row in rows_of]),
            "source_reference_range_low": coded(np.where(np.array([bool(v) for v in low])[test], test, -1), low),
            "source_reference_range_high": coded(np.where(np.array([bool(v) for v in high])[test], test, -1), high),
            "source_abnormal_flag": coded(flag, ["L", "H"]),
        }
    )
    cut = schedule.cuts[-2] if len(schedule.cuts) > 1 else scene.calendar.start
    edge = int(np.searchsorted(day, cut, side="right"))
    for delivery, rows in ((len(schedule.cuts) - 2, whole.slice(0, edge)), (len(schedule.cuts) - 1, whole.slice(edge))):
        name = f"laboratory/{schedule.name(max(delivery, 0))}/lab_result.csv.gz"
        writers.write(name, dirt.spoil(name, rows))


def _written(value: np.ndarray, test: np.ndarray) -> pa.Array:
    """Each value with as many digits as its test is reported with."""
    digits = np.array([int(row["digits"]) for row in tables.read("results")])[test]
    text = np.empty(len(value), dtype=object)
    for places in np.unique(digits):
        on = digits == places
        text[on] = np.char.mod(f"%.{places}f", value[on])
    return pa.array(text, pa.string())


def observations(
    scene: Scene, found: Results, answers: Answers, *, schedule: Schedule, writers: Writers, block: int
) -> None:
    """Write the two practices' measurements and the answers about needs."""
    rows_of = tables.read("results")
    day_name = schedule.name(len(schedule.cuts) - 1)
    count = len(found.test)
    vital = pa.table(
        {
            "observation_id": joined("V", block * ROWS_PER_BLOCK + np.arange(count)),
            "person_id": joined("", scene.people.number[found.person]),
            "observation_date": days(found.day),
            "observation_type": coded(
                np.array([1 if row["test"] == "phq9" else 0 for row in rows_of])[found.test], ["vital-signs", "survey"]
            ),
            "source_code_type": same("loinc", count),
            "source_code": coded(found.test, [row["loinc"] for row in rows_of]),
            "source_description": coded(found.test, [row["name"] for row in rows_of]),
            "result": _written(found.value, found.test),
            "source_units": coded(found.test, [row["unit"] for row in rows_of]),
        }
    )
    writers.write(f"practices/{day_name}/observation.csv.gz", vital)
    count = len(answers.answer)
    asked = pa.table(
        {
            "observation_id": joined("Q", block * ROWS_PER_BLOCK + np.arange(count)),
            "person_id": joined("", scene.people.number[answers.person]),
            "observation_date": days(answers.day),
            "observation_type": same("social-history", count),
            "source_code_type": same("loinc", count),
            "source_code": coded(answers.question, [question[0] for question in QUESTIONS]),
            "source_description": coded(answers.question, [question[1] for question in QUESTIONS]),
            "result": pa.array(answers.answer, pa.string()),
        }
    )
    writers.write(f"screening/{day_name}/observation.csv.gz", asked)


def problem_lists(scene: Scene, *, schedule: Schedule, writers: Writers, block: int) -> None:
    """Write the problem lists of the two practices that send us their records."""
    people, health, calendar = scene.people, scene.health, scene.calendar
    ours = np.isin(scene.practice, scene.directory.practices[:2]) & (scene.doctor >= 0)
    person, which = np.nonzero(health.has & ours[:, None] & (health.onset <= calendar.as_of - 30))
    on = np.full(len(person), calendar.as_of - 30, dtype=np.int32)
    recorded = np.maximum(health.onset[person, which], calendar.start - 700) + (person % 29)
    recorded = np.minimum(recorded, people.died[person] - 1)
    code = health.code_on(person, which, on)
    count = len(person)
    rows = pa.table(
        {
            "condition_id": joined("P", block * ROWS_PER_BLOCK + np.arange(count)),
            "person_id": joined("", people.number[person]),
            "recorded_date": days(recorded),
            "status": same("active", count),
            "condition_type": same("problem", count),
            "source_code_type": same("icd-10-cm", count),
            "source_code": coded(code, DX),
            "source_description": coded(which, [kind.label for kind in tables.conditions()]),
        }
    )
    writers.write(f"practices/{schedule.name(len(schedule.cuts) - 1)}/condition.csv.gz", rows)


def notices(
    scene: Scene,
    stays: Stays,
    status: np.ndarray,
    home: np.ndarray,
    visits: tuple[np.ndarray, ...],
    *,
    schedule: Schedule,
    writers: Writers,
    block: int,
) -> None:
    """Write what four hospitals told us of the last months: emergency visits, admissions, discharges, people still there."""
    as_of, hospitals = scene.calendar.as_of, scene.directory.hospitals
    names = [provider.name for provider in scene.directory.everyone]
    npis = [provider.npi for provider in scene.directory.everyone]
    sending = hospitals[:SENDING_HOSPITALS]
    inside = np.flatnonzero((stays.admitted > as_of - NOTICES_FOR) & (stays.admitted <= as_of) & np.isin(home, sending))
    person, day, code, hospital = visits
    came = np.flatnonzero((day > as_of - NOTICES_FOR) & np.isin(hospital, sending))
    who = np.concatenate([stays.person[inside], person[came]])
    start = np.concatenate([stays.admitted[inside], day[came]])
    end = np.concatenate([stays.discharged[inside], day[came]])
    kind = np.concatenate([np.zeros(len(inside), dtype=int), np.ones(len(came), dtype=int)])
    left = np.concatenate([status[inside], np.full(len(came), DISPOSITION.number("01"))])
    place = np.concatenate([home[inside], hospital[came]])
    still = end > as_of
    admit = np.concatenate([np.where(stays.emergency[inside], 0, 1), np.zeros(len(came), dtype=int)])
    rows = pa.table(
        {
            "encounter_id": joined("N", block * ROWS_PER_BLOCK + np.arange(len(who))),
            "person_id": joined("", scene.people.number[who]),
            "encounter_type": coded(kind, ["acute inpatient", "emergency department"]),
            "encounter_start_date": days(start),
            "encounter_end_date": days(end, still),
            "admit_type_code": coded(admit, ["1", "3"]),
            "discharge_disposition_code": coded(np.where(still, -1, left), DISPOSITION),
            "facility_id": coded(place, npis),
            "facility_name": coded(place, names),
            "primary_diagnosis_code_type": same("icd-10-cm", len(who)),
            "primary_diagnosis_code": coded(np.concatenate([stays.dx[inside], code[came]]), DX),
            "drg_code_type": coded(np.where(kind == 0, 0, -1), ["ms-drg"]),
            "drg_code": coded(np.concatenate([stays.drg[inside], np.full(len(came), -1)]), DRG),
        }
    )
    writers.write(f"hospitals/{schedule.name(len(schedule.cuts) - 1)}/encounter.csv", rows)
