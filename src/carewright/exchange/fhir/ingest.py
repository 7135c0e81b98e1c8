"""
From received FHIR files to landed tables and the chart.

`read_files` reads a batch of files one after the other and puts facts down whenever enough are together, so that memory
stays flat however large the batch is. The landed rows come first, the chart second; both may be done twice without harm
(the batch's files are replaced whole, the chart knows what it has).
"""

import datetime
import gc
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from carewright.exchange.batch import Batch, FileReport
from carewright.exchange.fhir import reading
from carewright.exchange.fhir.at import At
from carewright.exchange.fhir.facts import KINDS, Facts, Stamp, columns_of, table, tables
from carewright.exchange.files.set_aside import Writer
from carewright.warehouse import landing

log = logging.getLogger(__name__)

SET_ASIDE_COLUMNS = ("resource_type", "id", "field", "found", "expected")
AT_ONCE = 150_000
"""Rows held before they are put down: about 150 MB."""
DATED = {
    "encounter": ("encounter_start_date", "encounter_end_date"),
    "condition": ("recorded_date",),
    "observation": ("observation_date",),
    "procedure": ("procedure_date",),
    "immunization": ("occurrence_date",),
    "medication": ("prescribing_date", "dispensing_date", "effective_date"),
    "document": ("on",),
    "allergy": ("recorded_date",),
    "medical_claim": ("claim_start_date", "claim_end_date"),
    "pharmacy_claim": ("dispensing_date",),
    "coverage": ("enrollment_start_date",),
}
"""The days by which a file's first and last date are reported."""
DIRECTORY = ("practitioner", "organization")

Chart = Callable[[Facts, list[Stamp], dict[str, list[str]]], None]
"""What takes facts on to PostgreSQL: the facts, their files' stamps, and the tags of each row by kind."""


@dataclass
class Progress:
    """What `read_files` knows while it works."""

    home: Any
    batch: Batch
    stamps: list[Stamp]
    chart: Chart | None
    parts: dict[str, int] = field(default_factory=dict)
    directory: dict[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)
    coverage: list[tuple[Any, ...]] = field(default_factory=list)
    dates: dict[int, tuple[datetime.date, datetime.date]] = field(default_factory=dict)

    def put_down(self, facts: Facts) -> None:
        """Land what is held, then give it to the chart with the tags it landed with."""
        self._note_dates(facts)
        for kind in DIRECTORY:
            for row in facts.rows[kind]:
                key = (kind, row[4] or row[3])  # by NPI where it is known, else by the source's id
                known = self.directory.get(key)
                self.directory[key] = _merged(known, row) if known else row
            facts.rows[kind] = []
        self.coverage += facts.rows["coverage"]
        tags: dict[str, list[str]] = {}
        for name, rows in tables(facts, self.stamps):
            landed = self.land(name, rows)
            if self.chart and name != "resource":
                tags[name] = pq.read_table(self.home.landed / landed.path, columns=["tags"])["tags"].to_pylist()
        if self.chart:
            self.chart(facts, self.stamps, tags)

    def land(self, name: str, rows: pa.Table) -> landing.Landed:
        part = self.parts.get(name, 0)
        self.parts[name] = part + 1
        return landing.write(self.home, name, self.batch.batch_id, rows, part=part)

    def finish(self) -> None:
        """What can only be put down at the end: the directory once, and coverage beside the people it covers."""
        for kind in DIRECTORY:
            rows = [row for (own, _), row in self.directory.items() if own == kind]
            if rows:
                self.land(kind, table(kind, columns_of(kind, rows), self.stamps))
        if self.coverage:
            self.land("eligibility", self._eligibility())

    def _eligibility(self) -> pa.Table:
        """Coverage with the name, sex and birth date its person has in this batch, or has had before."""
        covered = table("eligibility", columns_of("coverage", self.coverage), self.stamps)
        files = sorted((self.home.landed / "person").glob("*.parquet"))
        wanted = ["person_id", "first_name", "middle_name", "last_name", "name_suffix", "gender", "birth_date",
                  "death_date", "death_flag", "race", "ethnicity", "language", "address", "city", "state", "zip_code",
                  "phone", "email", "received_seq"]  # fmt: skip
        if not files:
            return covered
        ids = pa.array(sorted(set(covered["person_id"].to_pylist())))
        people = pq.ParquetDataset(files, filters=pa.compute.field("person_id").isin(ids)).read(columns=wanted)
        latest = people.sort_by([("person_id", "ascending"), ("received_seq", "descending")])
        first: dict[str, int] = {}
        for position, person in enumerate(latest["person_id"].to_pylist()):
            first.setdefault(person, position)
        latest = latest.take(pa.array(list(first.values()), pa.int64())).drop_columns(["received_seq"])
        return covered.join(latest, keys="person_id", join_type="left outer")

    def _note_dates(self, facts: Facts) -> None:
        for kind, names in DATED.items():
            rows = facts.rows[kind]
            for place in [KINDS[kind].index(name) for name in names] if rows else ():
                for row in rows:
                    day = row[place]
                    if day is not None:
                        known = self.dates.get(row[0])
                        if known is None:
                            self.dates[row[0]] = (day, day)
                        elif day < known[0]:
                            self.dates[row[0]] = (day, known[1])
                        elif day > known[1]:
                            self.dates[row[0]] = (known[0], day)


class Aside:
    """The rows set aside of one file; most files have none, and then nothing is opened."""

    def __init__(self, home: Any, delivery_id: str):
        self._home, self._delivery_id = home, delivery_id
        self._writer: Writer | None = None

    def add(self, line: int, problem: str, mend: str, values: tuple[Any, ...]) -> None:
        if self._writer is None:
            self._writer = Writer(self._home, self._delivery_id, SET_ASIDE_COLUMNS)
        self._writer.add(line, problem, mend, values)

    def close(self) -> Path | None:
        return self._writer.close() if self._writer else None

    def abandon(self) -> None:
        if self._writer:
            self._writer.abandon()


def _merged(known: tuple[Any, ...], row: tuple[Any, ...]) -> tuple[Any, ...]:
    """One entry of the directory from two: what the later one says, and where it says nothing, the earlier."""
    return known[:4] + tuple(new if new is not None else old for old, new in zip(known[4:], row[4:], strict=True))


def read_files(
    batch: Batch,
    *,
    home: Any,
    source: str,
    by: Any,
    is_strict: bool = False,
    said: Callable[[int], None] | None = None,
    into_chart: bool = True,
) -> list[FileReport]:
    """
    Read every file of a batch; land what is used, set aside what does not read; one report per file, in their order.

    `home` is anything with `landed` and `set_aside` folders, `by` who asked (a member of staff or `system:…`), `said`
    hears of every stretch of bytes read. `into_chart=False` leaves PostgreSQL alone (measurements, and homes without a
    chart). Nothing here opens or closes the batch: the manifest is the caller's.
    """
    stamps = [Stamp(source, file.delivery_id, batch.received_on, file.received_seq) for file in batch.files]
    chart = None
    if into_chart:
        from carewright.exchange.fhir import apply

        chart = apply.to_chart(by=by)
    progress = Progress(home, batch, stamps, chart)
    folder = home.set_aside
    for file in batch.files:
        (folder / f"{file.delivery_id}.csv").unlink(missing_ok=True)
    at = At()
    number_of = {file: number for number, file in enumerate(batch.files)}
    tallies: dict[int, tuple[reading.FileTally, Path | None]] = {}

    def pause() -> None:
        if len(at.facts) >= AT_ONCE:
            progress.put_down(at.facts.take())

    # JSON makes millions of objects and no cycles: counting references frees them, looking for cycles only costs time
    had_collector = gc.isenabled()
    gc.disable()
    try:
        for file, _ in reading.in_reading_order(batch.files):
            at.file = number_of[file]
            tally = reading.FileTally(file)
            aside = Aside(home, file.delivery_id)
            try:
                reading.read_file(tally, at, is_strict=is_strict, set_aside=aside.add, said=said, pause=pause)
                tallies[at.file] = tally, aside.close()
            finally:
                aside.abandon()
            pause()
        progress.put_down(at.facts.take())
        progress.finish()
    finally:
        if had_collector:
            gc.enable()
    return [_report(*tallies[number], source, progress.dates.get(number)) for number in range(len(batch.files))]


def _report(
    tally: reading.FileTally, path: Path | None, source: str, dates: tuple[datetime.date, datetime.date] | None
) -> FileReport:
    said = FileReport(
        path=tally.file.name, kind="fhir", delivery_id=tally.file.delivery_id, source=source, problem=tally.problem
    )
    if tally.problem and not tally.read:
        return said
    return replace(
        said,
        rows_read=tally.read,
        rows_kept=tally.kept,
        rows_rejected=tally.rejected,
        duplicates=tally.duplicates,
        first_date=dates[0] if dates else None,
        last_date=dates[1] if dates else None,
        rejects_path=str(path) if path else None,
        reasons=tuple(sorted(tally.reasons.values(), key=lambda reason: -reason.rows)),
        notes=notes(tally),
    )


def notes(tally: reading.FileTally) -> tuple[str, ...]:
    """What was in the file, kind by kind: used, and kept without being used."""
    used = ", ".join(f"{kind} {count:,}" for kind, count in sorted(tally.used.items()))
    kept = ", ".join(f"{kind} {count:,}" for kind, count in sorted(tally.unused.items()))
    return tuple(
        sentence
        for sentence in (f"Used: {used}." if used else "", f"Kept, not used: {kept}." if kept else "")
        if sentence
    )
