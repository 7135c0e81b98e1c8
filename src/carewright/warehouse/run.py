"""
The warehouse run: every step in order, from landed files to the tables the house shows.

A run either finishes as a whole or leaves the earlier run in place: the file `warehouse/current` names the run that
counts, and it is written last. Dates are given from outside (`as_of`); no step reads today's date.
"""

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from carewright.warehouse import kept_closed, landing, tables
from carewright.warehouse.step import STEPS, BrokenPromise, Step, all_steps

KEPT_RUNS = 5
GIVEN = ("run", "program_setting", "part2_source", "joined_number")
"""The knowledge tables that the runner fills itself; all others are files."""


class Folders(Protocol):
    """What the warehouse needs of a home: where things landed and where runs go."""

    @property
    def landed(self) -> Path: ...

    @property
    def warehouse(self) -> Path: ...


@dataclass(frozen=True)
class Built:
    """One step that is done: its table, how many rows, how long it took, and its place among all steps."""

    table: str
    rows: int
    seconds: float
    number: int
    total: int


@dataclass(frozen=True)
class Run:
    """One finished run: where its Parquet files lie (`<floor>.<table>.parquet`) and what each step took."""

    run_id: str
    as_of: date
    started_at: datetime
    folder: Path
    steps: tuple[Built, ...]
    seconds: float

    def rows(self, table: str) -> int:
        """How many rows the table of that name has."""
        return next(step.rows for step in self.steps if step.table == table)

    def parquet(self, table: str) -> Path:
        """The Parquet file of an exported table, for example `published.person`."""
        return self.folder / f"{table}.parquet"


def run(
    home: Folders,
    *,
    as_of: date,
    program_settings: Iterable[tuple[str, str, str]] = (),
    joined_numbers: Iterable[tuple[str, str]] = (),
    threads: int = 2,
    memory: str = "4GB",
    report: Callable[[Built], object] | None = None,
    at: datetime | None = None,
) -> Run:
    """
    Build every table for one day and make the run the current one.

    `as_of` is the last day that counts. `program_settings` are (program, key, value). `joined_numbers` are
    (`person_id` as landed, the one it is counted as), for people who are known by several. `report` is called after
    each step with a `Built`. Raises `BrokenPromise` when a step breaks its word; then the current run stays what it was.
    """
    began = time.perf_counter()
    started_at = at or datetime.now(UTC)
    run_id = f"{started_at:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    runs = home.warehouse / "runs"
    done = runs / run_id
    runs.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _while_making(home.warehouse / "making", run_id) as making:
        con = duckdb.connect(str(making / "scratch.duckdb"))
        try:
            _settle(con, making, threads, memory)
            kept_closed.write(making, give(con, home, as_of, run_id, started_at, program_settings, joined_numbers))
            built = build(con, all_steps(), home, report, making)
        finally:
            con.close()
        for path in making.glob("scratch*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        making.replace(done)
    _make_current(home.warehouse, run_id)
    _forget_old_runs(home.warehouse, run_id)
    return Run(run_id, as_of, started_at, done, tuple(built), time.perf_counter() - began)


def current(home: Folders) -> Path | None:
    """The folder of the run that counts, or None before the first run."""
    pointer = home.warehouse / "current"
    if not pointer.exists():
        return None
    folder = home.warehouse / "runs" / pointer.read_text(encoding="ascii").strip()
    return folder if folder.exists() else None


def give(
    con: duckdb.DuckDBPyConnection,
    home: Folders,
    as_of: date,
    run_id: str,
    started_at: datetime,
    program_settings: Iterable[tuple[str, str, str]] = (),
    joined_numbers: Iterable[tuple[str, str]] = (),
) -> landing.Sources:
    """
    Fill the knowledge tables that belong to this run: the day, the settings, Part 2 sources, who is counted as whom.

    Answers the Part 2 sources it was given.
    """
    con.execute("create schema if not exists knowledge")
    tables.fill(
        con,
        "knowledge.run",
        {"as_of": "DATE", "run_id": "VARCHAR", "started_at": "TIMESTAMP"},
        [(as_of, run_id, started_at.replace(tzinfo=None))],
    )
    settings = {"program": "VARCHAR", "key": "VARCHAR", "value": "VARCHAR"}
    tables.fill(con, "knowledge.program_setting", settings, program_settings)
    protected = landing.part2_sources(home)
    tables.fill(con, "knowledge.part2_source", {"kind": "VARCHAR", "value": "VARCHAR"}, protected)
    _give_joined(con, dict(_each_once(joined_numbers)))
    return protected


def _each_once(joined_numbers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same pairs; refused when a number would be counted as two people's, or as one that is itself another's."""
    pairs = list(joined_numbers)
    numbers = {number for number, _ in pairs}
    if len(numbers) != len(pairs) or numbers & {counted_as for _, counted_as in pairs}:
        raise BrokenPromise("A number is counted as one person's, and that person's own number as nobody else's.")
    return pairs


def _give_joined(con: duckdb.DuckDBPyConnection, joined: dict[str, str]) -> None:
    """Fill `knowledge.joined_number`; in one piece, since a large plan has many."""
    columns = {"person_id": list(joined.keys()), "counted_as": list(joined.values())}
    con.register("given_joined", pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns])))
    con.execute("create or replace table knowledge.joined_number as select * from given_joined")
    con.unregister("given_joined")


def build(
    con: duckdb.DuckDBPyConnection,
    steps: dict[str, Step],
    home: Folders,
    report: Callable[[Built], object] | None = None,
    export_to: Path | None = None,
) -> list[Built]:
    """Build the given steps in the order of what they read; `give` must have been called on the connection."""
    ordered = in_order(steps)
    read = frozenset().union(*(step.reads for step in ordered)) if ordered else frozenset()
    tables.register_landed(con, home, _names(read, "landed"))
    tables.register_knowledge(con, _names(read, "knowledge") - set(GIVEN))
    built = []
    for number, step in enumerate(ordered, start=1):
        began = time.perf_counter()
        con.execute(f"create schema if not exists {step.floor}")
        con.execute(f"create or replace {'table' if step.stored else 'view'} {step.table} as {step.sql}")
        rows = check_grain(con, step)
        if export_to and step.exported:
            path = tables.quoted(export_to / f"{step.table}.parquet")
            con.execute(f"copy {step.table} to {path} (format parquet, compression zstd)")
        built.append(Built(step.table, rows, time.perf_counter() - began, number, len(ordered)))
        if report:
            report(built[-1])
    return built


def in_order(steps: dict[str, Step]) -> list[Step]:
    """The steps, each after everything it reads; refuses upward reads, unknown tables and circles."""
    for step in steps.values():
        step.refuse_what_stands_higher()
        for source in step.reads:
            if source.split(".")[0] not in ("landed", "knowledge") and source not in steps:
                raise BrokenPromise(f"{step.table} reads {source}, but there is no step that makes it.")
    graph = {table: step.reads & steps.keys() for table, step in steps.items()}
    try:
        return [steps[table] for table in TopologicalSorter(graph).static_order()]
    except CycleError as circle:
        raise BrokenPromise(f"These steps read each other in a circle: {' → '.join(circle.args[1])}.") from None


def needed_for(steps: dict[str, Step], wanted: Iterable[str]) -> dict[str, Step]:
    """The wanted steps and everything they stand on; for a look at a part of the warehouse."""
    found: dict[str, Step] = {}
    open_names = list(wanted)
    while open_names:
        name = open_names.pop()
        if name in steps and name not in found:
            found[name] = steps[name]
            open_names += steps[name].reads
    return found


def check_grain(con: duckdb.DuckDBPyConnection, step: Step) -> int:
    """How many rows the table has; raises `BrokenPromise` when two rows share the grain the header promises."""
    columns = ", ".join(map(landing.quoted, step.grain))
    [[rows]] = con.execute(f"select count(*) from {step.table}").fetchall()
    repeated = con.execute(
        f"select {columns}, count(*) from {step.table} group by {columns} having count(*) > 1 limit 1"
    ).fetchall()
    if repeated:
        *values, times = repeated[0]
        shown = ", ".join(f"{name} = {value!r}" for name, value in zip(step.grain, values, strict=True))
        raise BrokenPromise(
            f"{step.table} promises one row per {', '.join(step.grain)}, but {shown} stands there {times} times."
        )
    return rows


def _settle(con: duckdb.DuckDBPyConnection, folder: Path, threads: int, memory: str) -> None:
    """Keep the engine within its means: threads, memory, and a place on disk for what does not fit."""
    con.execute(f"set threads = {int(threads)}")
    con.execute(f"set memory_limit = {tables.quoted(memory)}")
    con.execute(f"set temp_directory = {tables.quoted(folder / 'scratch.tmp')}")
    con.execute("set preserve_insertion_order = false")


def _names(read: frozenset[str], schema: str) -> set[str]:
    return {name.split(".")[1] for name in read if name.startswith(f"{schema}.")}


@contextmanager
def _while_making(folder: Path, run_id: str) -> Iterator[Path]:
    """
    A folder to make a run in, gone afterwards. What runs that were killed left behind goes first: on a small disk a few
    of them are all there is room for. A run at work holds a lock, so that nobody takes it for one of those.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.iterdir():
        if not left.name.startswith("."):
            _remove_unless_held(left)
    making, held = folder / run_id, folder / f".{run_id}"
    with held.open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        making.mkdir(mode=0o700)
        try:
            yield making
        finally:
            shutil.rmtree(making, ignore_errors=True)
            held.unlink(missing_ok=True)


def _remove_unless_held(making: Path) -> None:
    held = making.with_name(f".{making.name}")
    with held.open("a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        shutil.rmtree(making, ignore_errors=True)
        held.unlink(missing_ok=True)


def _make_current(warehouse: Path, run_id: str) -> None:
    """Point `current` at the run, in one step that a crash cannot split."""
    pointer = warehouse / "current.new"
    with pointer.open("w", encoding="ascii") as file:
        file.write(run_id + "\n")
        file.flush()
        os.fsync(file.fileno())
    pointer.replace(warehouse / "current")


def _forget_old_runs(warehouse: Path, run_id: str) -> None:
    """Keep the last five runs; the newest always."""
    runs = sorted((path for path in (warehouse / "runs").iterdir() if path.name != run_id), key=lambda path: path.name)
    for path in runs[: max(0, len(runs) - (KEPT_RUNS - 1))]:
        shutil.rmtree(path, ignore_errors=True)


__all__ = ["STEPS", "BrokenPromise", "Built", "Run", "build", "current", "give", "in_order", "run"]
