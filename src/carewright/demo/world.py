"""
The demo world, written to a folder: so many members, from a seed, with a history that ends on a day.

People are made in blocks of five thousand, each from a seed of its own: the first people stay the same when more are
asked for, and memory stays that of one block however many there are.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from carewright.demo import (
    admissions,
    afterwards,
    calendar,
    claim_files,
    clinical_files,
    health,
    hospital,
    medicines,
    member_files,
    payments,
    people,
    providers,
    results,
    tables,
    visits,
)
from carewright.demo.deliveries import Schedule, Writers, schedule
from carewright.demo.dirt import Dirt
from carewright.demo.ledger import Ledger
from carewright.demo.scene import Scene
from carewright.kernel.errors import CannotDo

BLOCK = 5_000
FEWEST = 200
SIZES = {"small": 5_000, "medium": 20_000, "large": 50_000, "huge": 1_000_000}
LEADS = ("maria.delgado@demo.example",)


@dataclass(frozen=True)
class Summary:
    """What was written: members, files with their rows, what is wrong with them on purpose, and the seconds it took."""

    members: int
    seed: int
    as_of: date
    folder: Path
    rows: dict[str, int]
    dirt: dict[str, int]
    seconds: float

    @property
    def claim_lines(self) -> int:
        """Rows of medical and pharmacy claims."""
        return sum(rows for path, rows in self.rows.items() if "_claim" in path)


@dataclass
class _Plan:
    members: int
    seed: int
    calendar: calendar.Calendar
    schedule: Schedule
    writers: Writers
    claims_format: str
    busy: float
    dirt: dict[str, int] = field(default_factory=dict)


def write(
    folder: Path,
    *,
    members: int,
    seed: int,
    as_of: date,
    claims_format: str = "parquet",
    busy: float = 1.0,
    leads: tuple[str, ...] = LEADS,
    report: Callable[[str], None] = lambda line: None,
) -> Summary:
    """
    Write the files of so many members into a new folder, as payers, a laboratory, practices and hospitals send them.

    `claims_format` is 'parquet' or 'csv.gz'; `busy` multiplies tests, specialist visits and therapy (1.0 gives about
    55 claim lines a member); `leads` are whom the caseload file names. The same arguments give the same rows. Raises
    CannotDo for too few members, an unknown format, or a folder that holds something already.
    """
    if members < FEWEST:
        raise CannotDo(f"A demo world needs at least {FEWEST} members; {members} were asked for.")
    if claims_format not in ("parquet", "csv.gz"):
        raise CannotDo(f"Claims are written as 'parquet' or 'csv.gz', not as {claims_format!r}.")
    if folder.exists() and any(folder.iterdir()):
        raise CannotDo(f"{folder} holds files already; the demo world is written into an empty folder.")
    folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    months = calendar.ending(as_of)
    plan = _Plan(members, seed, months, schedule(months), Writers(folder), claims_format, busy)
    try:
        blocks = -(-members // BLOCK)
        for block in range(blocks):
            _block(plan, block, min(BLOCK, members - block * BLOCK), leads)
            report(f"{min((block + 1) * BLOCK, members):,} of {members:,} people")
        plan.writers.close()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Summary(
        members=members,
        seed=seed,
        as_of=as_of,
        folder=folder,
        rows=dict(sorted(plan.writers.rows.items())),
        dirt=dict(sorted(plan.dirt.items())),
        seconds=time.perf_counter() - began,
    )


def _block(plan: _Plan, block: int, count: int, leads: tuple[str, ...]) -> None:
    """Make one block of people, let everything happen to them, and write it down."""
    rng = np.random.Generator(np.random.PCG64([plan.seed, block]))
    everyone = people.draw(rng, plan.calendar, count, block * BLOCK)
    hardship = np.array([float(row["hardship"]) for row in tables.read("places")])[everyone.place]
    well = health.draw(rng, plan.calendar, everyone, hardship)
    admissions.deaths(rng, plan.calendar, everyone, well.stay_risk)
    people.end_with_death(everyone)
    scene = _scene(plan, block, rng, everyone, well)
    found = admissions.draw(scene)
    visits.all_visits(scene)
    status = hospital.stays(scene, found)
    emergencies = hospital.emergency(scene, found)
    afterwards.all_care(scene, found, status)
    afterwards.hospice(scene)
    fills = medicines.draw(scene)
    _write(plan, block, scene, found, status, emergencies, fills, hardship, leads)


def _scene(plan: _Plan, block: int, rng: np.random.Generator, everyone: people.People, well: health.Health) -> Scene:
    directory = providers.directory(plan.seed, block)
    child = everyone.age(plan.calendar.as_of) < 18
    u = rng.random(everyone.count)
    doctors, pediatricians = directory.doctors, directory.pediatricians
    doctor = np.where(
        child,
        pediatricians[(u * len(pediatricians)).astype(int)],
        doctors[(u * len(doctors)).astype(int)],
    )
    first = doctors[0]
    practice = directory.practice_of[doctor - first]
    doctor = np.where(rng.random(everyone.count) < 0.05, -1, doctor)
    near = _nearest()[everyone.place]
    return Scene(
        rng=rng,
        calendar=plan.calendar,
        people=everyone,
        health=well,
        directory=directory,
        ledger=Ledger(),
        doctor=doctor.astype(np.int32),
        practice=practice.astype(np.int32),
        hospital=directory.hospitals[near].astype(np.int32),
        busy=plan.busy,
    )


def _nearest() -> np.ndarray:
    """The hospital people of each place go to first: one in their county, spread over the county's hospitals."""
    places = tables.read("places")
    state = {"Cook": "IL", "Milwaukee": "WI", "Lake": "IN", "Kankakee": "IL", "Racine": "WI"}
    answer = []
    for at, row in enumerate(places):
        county = row["county"].removesuffix(" County")
        same = [i for i, (_, _, where) in enumerate(providers.HOSPITALS) if where == county]
        near = [i for i, (_, _, where) in enumerate(providers.HOSPITALS) if state[where] == row["state"]]
        pool = same or near
        answer.append(pool[at % len(pool)])
    return np.array(answer)


def _write(
    plan: _Plan,
    block: int,
    scene: Scene,
    found: admissions.Stays,
    status: np.ndarray,
    emergencies: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    fills: medicines.Fills,
    hardship: np.ndarray,
    leads: tuple[str, ...],
) -> None:
    rng, writers, days = scene.rng, plan.writers, plan.schedule
    bills = scene.ledger.close()
    dirt = Dirt(np.random.Generator(np.random.PCG64([plan.seed, block, 1])))
    payer = scene.people.payer_on(bills.header["person"], bills.header["start"], plan.calendar)
    cost = payments.price(rng, bills, payer)
    every_day = np.arange(plan.calendar.start - 10, plan.calendar.as_of + 1)
    sent = payments.send(rng, bills, plan.calendar.as_of, days.delivery_of(every_day))
    two_back = plan.calendar.months - 3
    short = int(plan.calendar.firsts[two_back]), int(plan.calendar.lasts[two_back])
    common = {"schedule": days, "writers": writers}
    claims = common | {"dirt": dirt, "block": block, "claims_format": plan.claims_format}
    claim_files.medical(scene, bills, payer, cost, sent, **claims)
    claim_files.pharmacy(scene, fills, short_month=short, **claims)
    member_files.eligibility(scene, written_names={}, **common)
    member_files.directory_files(scene.directory, first=block == 0, **common)
    tested = tuple(np.concatenate([part[at] for part in scene.tested]) for at in range(2))
    seen = tuple(np.concatenate([part[at] for part in scene.seen]) for at in range(2))
    clinical_files.lab_results(scene, results.laboratory(scene, *tested), dirt=dirt, block=block, **common)
    answers = results.screening(scene, hardship)
    clinical_files.observations(scene, results.practice(scene, *seen), answers, block=block, **common)
    clinical_files.problem_lists(scene, block=block, **common)
    clinical_files.notices(scene, found, status, emergencies, block=block, **common)
    member_files.caseload(scene, leads=leads, written=[], **common)
    for what, count in dirt.counts.items():
        plan.dirt[what] = plan.dirt.get(what, 0) + count
