"""
Facts put down: as Parquet in the landed tables, then in the chart with the tags they landed with.
"""

import datetime
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from carewright.exchange import protecting
from carewright.exchange.batch import Batch
from carewright.exchange.fhir.facts import KINDS, Facts, Stamp, columns_of, table, tables
from carewright.exchange.fhir.roomy import RoomyDict
from carewright.warehouse import landing
from carewright.warehouse.names import text

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
TOGETHER = 50_000
"""Rows of the directory and of coverage that are put down at once."""
BEHIND = tuple(kind for kind, names in KINDS.items() if "npis" in names)
"""The kinds of facts that carry the NPIs of those behind them, because no column of theirs does."""

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
    directory: dict[str, RoomyDict] = field(init=False)
    coverage: "Coverage" = field(init=False)
    dates: dict[int, tuple[datetime.date, datetime.date]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.directory = {kind: RoomyDict(self.home.landed) for kind in DIRECTORY}
        self.coverage = Coverage(self.home.landed, self.stamps)

    def put_down(self, facts: Facts) -> None:
        """Land what is held, then give it to the chart with the tags it landed with."""
        self._note_dates(facts)
        self._tag_by_npi(facts)
        for kind in DIRECTORY:
            for row in facts.rows[kind]:
                key = row[4] or row[3]  # by NPI where it is known, else by the source's id
                known = self.directory[kind].get(key)
                self.directory[kind][key] = _merged(tuple(known), row) if known else row
            facts.rows[kind] = []
        self.coverage.add(facts.rows["coverage"])
        tags: dict[str, list[str]] = {}
        for name, rows in tables(facts, self.stamps):
            landed = self.land(name, rows)
            if self.chart and name != "resource":
                tags[name] = pq.read_table(self.home.landed / landed.path, columns=["tags"])["tags"].to_pylist()
        if self.chart:
            self.chart(facts, self.stamps, tags)

    def _tag_by_npi(self, facts: Facts) -> None:
        """Tag what a protected provider stands behind, where no landed column names them."""
        npis = protecting.sources(self.home)[1]
        for kind in BEHIND if npis else ():
            behind = KINDS[kind].index("npis")
            facts.rows[kind] = [
                row if npis.isdisjoint(row[behind]) else (*row[:2], _with_tag(row[2], "part2"), *row[3:])
                for row in facts.rows[kind]
            ]

    def land(self, name: str, rows: pa.Table) -> landing.Landed:
        part = self.parts.get(name, 0)
        self.parts[name] = part + 1
        return landing.write(self.home, name, self.batch.batch_id, rows, part=part)

    def finish(self) -> None:
        """What can only be put down at the end: the directory once, and coverage beside the people it covers."""
        for kind in DIRECTORY:
            every = iter(row for _, row in self.directory[kind].items())
            while rows := list(islice(every, TOGETHER)):
                self.land(kind, table(kind, columns_of(kind, rows), self.stamps))
        for covered in self.coverage.all():
            self.land("eligibility", self._eligibility(covered))

    def _eligibility(self, covered: pa.Table) -> pa.Table:
        """Coverage with the name, sex and birth date its person has in this batch, or has had before; not taken back."""
        wanted = ["first_name", "middle_name", "last_name", "name_suffix", "gender", "birth_date", "death_date",
                  "death_flag", "race", "ethnicity", "language", "address", "city", "state", "zip_code", "phone",
                  "email"]  # fmt: skip
        told = f"select *, false as here from ({landing.view_sql(self.home, 'person')})"
        own = sorted((self.home.landed / "person").glob(f"{self.batch.batch_id}.*parquet"))
        if own:
            listed = ", ".join(text(str(path)) for path in own)
            told += f" union all by name select *, true as here from read_parquet([{listed}], union_by_name = true)"
        with duckdb.connect() as con:
            con.register("covered", covered.select(["person_id"]))
            people = con.sql(
                f"select person_id, {', '.join(wanted)} from ({told}) semi join covered using (person_id)"
                " qualify row_number() over (partition by person_id order by received_seq desc, here desc, line desc) = 1"
            ).to_arrow_table()
        return covered.join(people, keys="person_id", join_type="left outer")

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


class Coverage:
    """Rows of coverage until everybody they cover is known; what does not fit into memory lies in a nameless file."""

    def __init__(self, folder: Path, stamps: list[Stamp]):
        self._folder, self._stamps = folder, stamps
        self._near: list[tuple[Any, ...]] = []
        self._far: tuple[IO[bytes], pa.ipc.RecordBatchStreamWriter] | None = None

    def add(self, rows: list[tuple[Any, ...]]) -> None:
        """Keep these too."""
        self._near += rows
        if len(self._near) >= TOGETHER:
            covered = self._take()
            if self._far is None:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 (`all` closes it)
                self._far = file, pa.ipc.new_stream(file, covered.schema)
            self._far[1].write_table(covered)

    def all(self) -> Iterator[pa.Table]:
        """All of them, as many at a time as fit into memory."""
        if self._far is not None:
            file, writer = self._far
            writer.close()
            file.seek(0)
            with file, pa.ipc.open_stream(file) as far:
                for some in far:
                    yield pa.Table.from_batches([some])
        if self._near:
            yield self._take()

    def _take(self) -> pa.Table:
        rows, self._near = self._near, []
        return table("eligibility", columns_of("coverage", rows), self._stamps)


def _with_tag(tags: str, tag: str) -> str:
    return ";".join(sorted({*tags.split(";"), tag} - {""}))


def _merged(known: tuple[Any, ...], row: tuple[Any, ...]) -> tuple[Any, ...]:
    """One entry of the directory from two: what the later one says, and where it says nothing, the earlier."""
    return known[:4] + tuple(new if new is not None else old for old, new in zip(known[4:], row[4:], strict=True))
