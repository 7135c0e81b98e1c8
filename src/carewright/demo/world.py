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
from typing import Any, TypeVar

import numpy as np

from carewright.demo import (
    admissions,
    afterwards,
    calendar,
    characters,
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
from carewright.demo.characters import histories
from carewright.demo.deliveries import Schedule, Writers, schedule
from carewright.demo.dirt import Dirt
from carewright.demo.ledger import Ledger
from carewright.demo.scene import Scene
from carewright.kernel.errors import CannotDo

Table = TypeVar("Table")

BLOCK = 5_000
FEWEST = 200
LEADS = ("maria.delgado@demo.example",)
"""Whom the caseload file names when nobody says otherwise."""


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
    report: Callable[[int], None] = lambda done: None,
) -> Summary:
    """
    Write the files of so many members into a new folder, as payers, a laboratory, practices and hospitals send them.

    `claims_format` is 'parquet' or 'csv.gz'; `busy` multiplies tests, specialist visits and therapy (1.0 gives about
    55 claim lines a member); `leads` are whom the caseload file names; `report` is told how many people are done. The same arguments give the same rows. Raises
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
            report(min((block + 1) * BLOCK, members))
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
    by_hand = characters.everyone() if block == 0 else ()
    everyone = people.draw(rng, plan.calendar, count - len(by_hand), block * BLOCK)
    well = health.draw(rng, plan.calendar, everyone, _hardship(everyone))
    admissions.deaths(rng, plan.calendar, everyone, well.stay_risk)
    people.end_with_death(everyone)
    written = np.zeros(everyone.count, dtype=bool)
    if by_hand:
        everyone, well, written = histories.join(everyone, well, plan.calendar)
    scene = _scene(plan, block, rng, everyone, well, written, by_hand)
    happened = _Happened(*_happen(scene))
    if by_hand:
        happened.add(histories.tell(scene, np.random.Generator(np.random.PCG64([plan.seed, 9]))))
    _write_claims(plan, block, scene, happened)
    _write_the_rest(plan, block, scene, happened, leads, by_hand)


@dataclass
class _Happened:
    """What happened in a block besides what stands in the ledger."""

    stays: admissions.Stays
    status: np.ndarray
    homes: np.ndarray
    visits: tuple[np.ndarray, ...]
    fills: medicines.Fills
    lab: results.Results
    practice: results.Results
    answers: results.Answers

    def add(self, told: histories.Told) -> None:
        """Put what was written by hand after what chance brought about."""
        self.stays = _both(self.stays, told.stays)
        self.status = np.concatenate([self.status, told.status])
        self.homes = np.concatenate([self.homes, told.hospitals])
        self.visits = tuple(np.concatenate(pair) for pair in zip(self.visits, told.visits, strict=True))
        self.fills = _both(self.fills, told.fills)
        self.lab = _both(self.lab, told.lab)
        self.practice = _both(self.practice, told.practice)
        self.answers = _both(self.answers, told.answers)


def _both(first: Table, then: Table) -> Table:
    """Two tables of the same columns, one after the other."""
    columns = {}
    for name, values in vars(first).items():
        more = getattr(then, name)
        columns[name] = values + more if isinstance(values, list) else np.concatenate([values, more])
    return type(first)(**columns)


def _hardship(everyone: people.People) -> np.ndarray:
    return np.array([float(row["hardship"]) for row in tables.read("places")])[everyone.place]


def _happen(scene: Scene) -> tuple:
    """Everything that happens to the people of a scene, in the order of the fields of `_Happened`."""
    found = admissions.draw(scene)
    visits.all_visits(scene)
    status, homes = hospital.stays(scene, found)
    emergencies = hospital.emergency(scene, found)
    afterwards.all_care(scene, found, status)
    afterwards.hospice(scene)
    fills = medicines.draw(scene)
    tested = tuple(np.concatenate([part[at] for part in scene.tested]) for at in range(2))
    seen = tuple(np.concatenate([part[at] for part in scene.seen]) for at in range(2))
    answers = results.screening(scene, _hardship(scene.people))
    lab, practice = results.laboratory(scene, *tested), results.practice(scene, *seen)
    return found, status, homes, emergencies, fills, lab, practice, answers


def _scene(
    plan: _Plan,
    block: int,
    rng: np.random.Generator,
    everyone: people.People,
    well: health.Health,
    written: np.ndarray,
    by_hand: tuple[characters.Character, ...],
) -> Scene:
    directory = providers.directory(plan.seed, block)
    child = everyone.age(plan.calendar.as_of) < 18
    u = rng.random(everyone.count)
    doctors, pediatricians = directory.doctors, directory.pediatricians
    doctor = np.where(
        child,
        pediatricians[(u * len(pediatricians)).astype(int)],
        doctors[(u * len(doctors)).astype(int)],
    )
    doctor[written] = [doctors[one.doctor] for one in by_hand]
    practice = directory.practice_of[doctor - doctors[0]]
    doctor = np.where((rng.random(everyone.count) < 0.05) & ~written, -1, doctor)
    return Scene(
        rng=rng,
        calendar=plan.calendar,
        people=everyone,
        health=well,
        directory=directory,
        ledger=Ledger(),
        doctor=doctor.astype(np.int32),
        practice=practice.astype(np.int32),
        hospital=directory.hospitals[_nearest()[everyone.place]].astype(np.int32),
        busy=plan.busy,
        written=written,
    )


def _nearest() -> np.ndarray:
    """The hospital people of each place go to first: one in their county, else one in their state."""
    state = {"Cook": "IL", "Milwaukee": "WI", "Lake": "IN", "Kankakee": "IL", "Racine": "WI"}
    answer = []
    for at, row in enumerate(tables.read("places")):
        county = row["county"].removesuffix(" County")
        same = [i for i, (_, _, where) in enumerate(providers.HOSPITALS) if where == county]
        near = [i for i, (_, _, where) in enumerate(providers.HOSPITALS) if state[where] == row["state"]]
        pool = same or near
        answer.append(pool[at % len(pool)])
    return np.array(answer)


def _write_claims(plan: _Plan, block: int, scene: Scene, happened: _Happened) -> None:
    """Price and pay the bills of a block, and write them and the fills to the files they belong to."""
    bills, months = scene.ledger.close(), plan.calendar
    dirt = Dirt(np.random.Generator(np.random.PCG64([plan.seed, block, 1])))
    payer = scene.people.payer_on(bills.header["person"], bills.header["start"], months)
    cost = payments.price(scene.rng, bills, payer)
    sent = payments.send(scene.rng, bills, months.as_of)
    two_back = months.months - 3
    short = int(months.firsts[two_back]), int(months.lasts[two_back])
    to = claim_files.Target(plan.schedule, plan.writers, dirt, block, plan.claims_format)
    claim_files.medical(scene, bills, payer, cost, sent, to)
    claim_files.pharmacy(scene, happened.fills, to, short_month=short)
    clinical_files.lab_results(
        scene, happened.lab, schedule=plan.schedule, writers=plan.writers, dirt=dirt, block=block
    )
    for what, count in dirt.counts.items():
        plan.dirt[what] = plan.dirt.get(what, 0) + count


def _write_the_rest(
    plan: _Plan,
    block: int,
    scene: Scene,
    happened: _Happened,
    leads: tuple[str, ...],
    by_hand: tuple[characters.Character, ...],
) -> None:
    """Write who is covered, who gives care, what was measured, what hospitals told, and who is followed already."""
    common: dict[str, Any] = {"schedule": plan.schedule, "writers": plan.writers}
    first = scene.people.count - len(by_hand)
    names = {first + at: (one.given, one.family) for at, one in enumerate(by_hand)}
    member_files.eligibility(scene, written_names=names, **common)
    member_files.directory_files(scene.directory, first=block == 0, **common)
    clinical_files.observations(scene, happened.practice, happened.answers, block=block, **common)
    clinical_files.problem_lists(scene, block=block, **common)
    clinical_files.notices(
        scene, happened.stays, happened.status, happened.homes, happened.visits, block=block, **common
    )
    member_files.caseload(scene, leads=leads, written=by_hand, **common)
