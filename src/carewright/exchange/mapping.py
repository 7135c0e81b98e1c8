"""
Trying out a column map: the first rows of a file, each cell as it would land, and what is wrong with it.

Nothing lands here and nothing is stored; the same checks run as when the file is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from carewright.exchange import wording
from carewright.exchange.files import opening, records
from carewright.exchange.files.checking import Binding, plan
from carewright.exchange.files.recognize import SavedMap, bind, bind_map, fingerprint
from carewright.exchange.files.tables import BROKEN
from carewright.kernel.errors import BadInput
from carewright.warehouse.landing import quoted, text
from carewright.warehouse.layout import layouts

PREVIEW_ROWS = 100
PREVIEW_BYTES = 1 << 20


@dataclass(frozen=True)
class Cell:
    """One value: as it stands in the file, as it would land, and what is wrong with it, if anything."""

    found: str
    lands: str
    problem: str = ""
    is_remark: bool = False


@dataclass(frozen=True)
class PreviewRow:
    """One row of a preview; `problem` is what no single cell shows (a row that is no row)."""

    line: int
    cells: tuple[Cell, ...]
    problem: str = ""

    @property
    def is_kept(self) -> bool:
        return not self.problem and not any(cell.problem and not cell.is_remark for cell in self.cells)


@dataclass(frozen=True)
class Preview:
    """The first rows as they would land: our columns, the rows, and what is still missing for any row to land."""

    columns: tuple[str, ...]
    rows: tuple[PreviewRow, ...]
    missing: tuple[str, ...]

    @property
    def kept(self) -> int:
        return 0 if self.missing else sum(row.is_kept for row in self.rows)


@dataclass(frozen=True)
class Sample:
    """The beginning of a file: its column names, and a few values of each."""

    names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]


def sample(path: Path, name: str) -> Sample:
    """A file's names and up to three different values of each column. Raises `BadInput` when it has no header."""
    header, chunk = _beginning(path, name)
    values = []
    for column in chunk.table.columns:
        seen = dict.fromkeys(value.strip() for value in column.to_pylist() if value and value.strip())
        values.append(tuple(value[:40] for value in list(seen)[:3]))
    return Sample(header.names, tuple(values))


def suggestions(table: str, names: Sequence[str]) -> dict[str, str]:
    """Which of their columns are called like ours; nothing is suggested by likeness alone."""
    return {binding.found: binding.column.name for binding in bind(layouts()[table], names)}


def preview(path: Path, name: str, *, table: str, columns: Sequence[dict], received_on: date) -> Preview:
    """The first 100 rows of a file through a column map."""
    header, chunk = _beginning(path, name)
    shape = layouts()[table]
    saved = SavedMap("", 1, table, fingerprint(header.names), tuple(columns))
    bindings = bind_map(shape, saved, header.names)
    bound = [binding.column.name for binding in bindings]
    missing = tuple(column.name for column in shape.columns if column.needed and column.name not in bound)
    broken = [PreviewRow(each.line, (), wording.of_no_row(BROKEN[each.what][0])) for each in chunk.broken]
    rows = _rows(chunk, shape, bindings, received_on)
    return Preview(tuple(bound), tuple(sorted([*rows, *broken], key=lambda row: row.line)), missing)


def _rows(chunk: records.Chunk, shape, bindings: Sequence[Binding], received_on: date) -> list[PreviewRow]:
    if not chunk.table.num_rows:
        return []
    types = {
        name: "text"
        for name, column in zip(chunk.table.column_names, chunk.table.columns, strict=True)
        if column.null_count < len(column)
    }
    how = plan(shape, bindings, received_on=received_on, types=types, spaced=True)
    place = {binding.column.name: number for number, binding in enumerate(bindings)}
    founds = [quoted(b.raw) if b.raw else text(b.constant) for b in bindings]
    lands = [f"cast({quoted(b.column.name)} as varchar)" if b.column.name in how.values else "null" for b in bindings]
    checks = [check for check in how.checks if check.column in place or check.column == "diagnosis_code"]
    tests = [f"coalesce({check.test}, false)" for check in checks]
    values = "".join(f", {value} as {quoted(name)}" for name, value in how.values.items())
    with duckdb.connect() as con:
        con.register("given", chunk.table.append_column("line", pa.array(chunk.lines)))
        selected = ", ".join(["line", *founds, *lands, *tests])
        found = con.execute(f"select {selected} from (select given.*{values} from given) order by line").fetchall()
    rows = []
    for line, *rest in found:
        theirs, ours, wrong = rest[: len(founds)], rest[len(founds) : 2 * len(founds)], rest[2 * len(founds) :]
        problems: dict[int, tuple[str, bool]] = {}
        for check, is_wrong in zip(checks, wrong, strict=True):
            if is_wrong:
                at = place.get(check.column, place.get("diagnosis_code_1", 0))
                problems.setdefault(at, (wording.of_value(check.what, check.expected, check.mend), check.kept))
        cells = [
            Cell(their or "", our or "", *problems.get(number, ("", False)))
            for number, (their, our) in enumerate(zip(theirs, ours, strict=True))
        ]
        rows.append(PreviewRow(line, tuple(cells)))
    return rows


def _beginning(path: Path, name: str) -> tuple[records.Header, records.Chunk]:
    beginning = opening.begin(path, name)
    header = records.read_header(beginning)
    if header is None:
        raise BadInput(name, "no header", "a first line with column names", "Ask the sender for a header.")
    chunk = next(records.chunks(path, name, beginning, header, PREVIEW_BYTES), None)
    if chunk is None:
        return header, records.Chunk(
            pa.table({f"r{n}": pa.array([], pa.string()) for n in range(len(header.names))}), np.zeros(0, np.int64)
        )
    chunk.table, chunk.lines = chunk.table.slice(0, PREVIEW_ROWS), chunk.lines[:PREVIEW_ROWS]
    last = int(chunk.lines[-1]) if len(chunk.lines) else 0
    chunk.broken = [each for each in chunk.broken if each.line <= last or not last][:PREVIEW_ROWS]
    return header, chunk
