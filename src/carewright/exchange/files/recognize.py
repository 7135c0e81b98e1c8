"""
What is this file? Answered from its first bytes and its header, never from its name.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from carewright.exchange.files import opening, records
from carewright.exchange.files.checking import Binding
from carewright.exchange.files.opening import Beginning, refused
from carewright.exchange.files.records import Header
from carewright.kernel.errors import BadInput
from carewright.warehouse.layout import Layout, layouts

UNDERSTOOD = (
    "Understood are: Tuva Input Layer tables (eligibility, medical_claim, pharmacy_claim and the clinical tables) as CSV, "
    "CSV.gz or Parquet; FHIR R4 as JSON bundles or NDJSON; a caseload file; any other CSV through a column map."
)
OTHERS = (
    (b"ISA*", "an X12 file (837 or 834)"),
    (b"ISA", "an X12 file (837 or 834)"),
    (b"MSH|", "an HL7 v2 message"),
    (b"%PDF", "a PDF"),
    (b"<html", "a web page"),
    (b"<!doctype html", "a web page"),
    (b"<", "an XML file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"SQLite format 3", "a database file"),
)


@dataclass(frozen=True)
class SavedMap:
    """A column map as reading needs it: how one sender's columns become ours."""

    name: str
    version: int
    table: str
    fingerprint: str
    columns: tuple[dict, ...]
    """Each `{"ours": …, "theirs": … or "constant": … or "of_row": true, "date_format", "codes", "dollars", "cents"}`."""
    source: str = ""
    """The feed its files belong to."""


@dataclass(frozen=True)
class Table:
    """A file that lands in one table: how it is read and which of its columns become ours."""

    layout: Layout
    bindings: tuple[Binding, ...]
    names: tuple[str, ...]
    beginning: Beginning | None = None
    header: Header | None = None
    map: SavedMap | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_parquet(self) -> bool:
        return self.header is None


@dataclass(frozen=True)
class Fhir:
    """A FHIR file; `exchange.fhir` reads it."""


@dataclass(frozen=True)
class Archive:
    """A ZIP file: its members are recognized one by one."""


@dataclass(frozen=True)
class Unmapped:
    """A table with a header that no layout and no column map knows: it waits until someone says what its columns mean."""

    header: Header
    beginning: Beginning
    fingerprint: str
    sentence: str


Recognized = Table | Fhir | Archive | Unmapped


def recognize(path: Path, name: str, maps: Iterable[SavedMap] = ()) -> Recognized:
    """Say what a file is. Raises `BadInput` with one sentence when nobody can read it."""
    beginning = opening.begin(path, name)
    data = beginning.data
    if data.startswith(opening.PARQUET) and not beginning.packed:
        return _parquet(path, name)
    if data.startswith(opening.ZIP) and not beginning.packed:
        if b"[Content_Types].xml" in data[:4000]:
            raise refused(
                name, "an Excel or Word file", "a file somebody here recognizes", "Save the sheet as CSV. " + UNDERSTOOD
            )
        return Archive()
    text = data.lstrip()
    if text[:1] in (b"{", b"["):
        if b'"resourceType"' in data:
            return Fhir()
        raise refused(name, "JSON that is not FHIR (no resourceType)", "a file somebody here recognizes", UNDERSTOOD)
    for first, what in OTHERS:
        is_web = what == "a web page"  # written in either case; a header may well begin with isa
        if text.startswith(first) or (is_web and text[: len(first)].lower() == first):
            mend = f"Whoever fetched it may not have been signed in. {UNDERSTOOD}" if is_web else UNDERSTOOD
            raise refused(name, what, "a file somebody here recognizes", mend)
    header = records.read_header(beginning)
    if header is None or not _looks_like_names(header.names):
        found = "bytes that are no text" if b"\0" in data[:4096] else "text without a header of column names"
        raise refused(name, found, "a file somebody here recognizes", UNDERSTOOD)
    return _csv(name, beginning, header, maps)


def plain_name(name: str) -> str:
    """A header as we compare it: lower case, with one underscore for whatever stands between the words."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def fingerprint(names: Sequence[str]) -> str:
    """What a header is recognized by the next time: its names in their order, however they are capitalized."""
    return hashlib.sha256("\n".join(plain_name(name) for name in names).encode()).hexdigest()


def bind(layout: Layout, names: Sequence[str]) -> tuple[Binding, ...]:
    """Which columns of a file are columns of ours, by name first and then by the other names they go by."""
    at: dict[str, int] = {}
    for number, name in enumerate(names):
        at.setdefault(plain_name(name), number)
    bindings = []
    for column in layout.columns:
        for called in (column.name, *column.also):
            if called in at:
                bindings.append(Binding(column, names[at[called]], f"r{at[called]}"))
                break
    return tuple(bindings)


def bind_map(layout: Layout, saved: SavedMap, names: Sequence[str]) -> tuple[Binding, ...]:
    """The bindings a column map declares, for a file with these names."""
    at = {plain_name(name): number for number, name in reversed(list(enumerate(names)))}
    bindings = []
    for said in saved.columns:
        column = layout.by_name[said["ours"]]
        if said.get("of_row"):
            bindings.append(Binding(column, "", of_row=len(names)))
        elif said.get("constant"):
            bindings.append(Binding(column, "", constant=said["constant"]))
        elif plain_name(said["theirs"]) in at:
            number = at[plain_name(said["theirs"])]
            bindings.append(
                Binding(
                    column,
                    names[number],
                    f"r{number}",
                    date_format=said.get("date_format", ""),
                    codes=tuple((theirs, ours) for theirs, ours in said.get("codes", ())),
                    dollars=bool(said.get("dollars")),
                    cents=bool(said.get("cents")),
                )
            )
    return tuple(bindings)


def _looks_like_names(names: Sequence[str]) -> bool:
    """Whether a first line is a header: mostly words, hardly any numbers or dates."""
    filled = [name for name in names if name]
    words = [name for name in filled if re.match(r"^[^\W\d][\w .#/()&'’-]{0,80}$", name)]
    return len(filled) >= 2 and len(words) >= 0.8 * len(filled)


def _csv(name: str, beginning: Beginning, header: Header, maps: Iterable[SavedMap]) -> Recognized:
    notes = []
    if beginning.encoding != "utf-8":
        notes.append(f"The text was written in {beginning.encoding.upper()} and was read as such.")
    own = fingerprint(header.names)
    for saved in maps:
        if saved.fingerprint == own:
            layout = layouts()[saved.table]
            bindings = bind_map(layout, saved, header.names)
            return Table(layout, bindings, header.names, beginning, header, saved, tuple(notes))
    known, sentence = _which(header.names)
    if known is None:
        return Unmapped(
            header, beginning, own, f"{name}: nobody recognizes its columns ({_few(header.names)}). {sentence}"
        )
    bindings = bind(known, header.names)
    notes += _check_header(name, known, bindings, header.names)
    return Table(known, bindings, header.names, beginning, header, None, tuple(notes))


@lru_cache(maxsize=256)
def _which(names: tuple[str, ...]) -> tuple[Layout | None, str]:
    """The layout whose columns these are, or None and a sentence about the nearest one."""
    best: tuple[int, Layout] | None = None
    nearest: tuple[int, Layout] | None = None
    for layout in layouts().values():
        bindings = bind(layout, names)
        bound = {binding.column.name for binding in bindings}
        count = len({binding.raw for binding in bindings})
        if set(layout.recognized_by) <= bound and count * 2 >= len([n for n in names if n]):
            if best is None or count > best[0]:
                best = count, layout
        elif count >= 4 and count * 2 >= len(names) and (nearest is None or count > nearest[0]):
            nearest = count, layout
    if best:
        return best[1], ""
    if nearest:
        layout = nearest[1]
        bound = {binding.column.name for binding in bind(layout, names)}
        missing = [column for column in layout.recognized_by if column not in bound]
        return None, f"It looks like {layout.table}, but has no column {' and no '.join(missing)}. {UNDERSTOOD}"
    return None, UNDERSTOOD


def _check_header(name: str, layout: Layout, bindings: Sequence[Binding], names: Sequence[str]) -> list[str]:
    """Refuse a header that cannot be read one way only; say what is merely odd."""
    bound = {binding.column.name for binding in bindings}
    missing = [column.name for column in layout.columns if column.needed and column.name not in bound]
    if missing:
        raise BadInput(
            where=f"{name} line 1",
            found=_few(names),
            expected=f"the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} of {layout.table}",
            mend="No row of the file can be placed without it; ask the sender to add it, or make a column map.",
        )
    plain = [plain_name(each) for each in names]
    used = {plain_name(binding.found) for binding in bindings}
    twice = sorted({each for each in plain if each and plain.count(each) > 1})
    clashing = [each for each in twice if each in used]
    if clashing:
        raise BadInput(
            where=f"{name} line 1",
            found=f"the column {clashing[0]} {plain.count(clashing[0])} times",
            expected="every column once",
            mend="Which of them is meant cannot be known. Ask the sender to take the other one out.",
        )
    return [f"The column {each} stands there more than once; nothing is read from it." for each in twice]


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:6])
    return f"{shown}, … ({len(names)} columns)" if len(names) > 6 else shown


def _parquet(path: Path, name: str) -> Recognized:
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError, ValueError):
        raise refused(
            name,
            "a damaged Parquet file",
            "a whole Parquet file",
            "Nothing of it was read. Ask the sender to send it again.",
        ) from None
    names = tuple(schema.names)
    layout, sentence = _which(names)
    if layout is None:
        raise refused(name, f"a Parquet file with {_few(names)}", "columns somebody here recognizes", sentence)
    bindings = bind(layout, names)
    notes = _check_header(name, layout, bindings, names)
    several = [each.found for each in bindings if pa.types.is_nested(schema.field(int(each.raw[1:])).type)]
    if several:
        raise BadInput(
            where=name,
            found=f"several values in one field ({', '.join(several)})",
            expected="one value in each field",
            mend="Which of them is meant cannot be known. Ask the sender to give each value a column of its own.",
        )
    return Table(layout, bindings, names, notes=tuple(notes))


def own_source(what: Table, path: Path) -> str:
    """The feed a file names itself in its column data_source, when the rows at its beginning agree on one."""
    place = next((b.raw for b in what.bindings if b.column.name == "data_source"), None)
    if place is None:
        return ""
    said = (
        _first_of_parquet(path, what.names[int(place[1:])]) if what.is_parquet else _first_of_csv(what, int(place[1:]))
    )
    return said.pop()[:80] if len(said) == 1 else ""


def _first_of_parquet(path: Path, column: str) -> set[str]:
    """What the first rows of a Parquet file say in a column; a damaged file says nothing here and is refused when read."""
    try:
        with pq.ParquetFile(path) as file:
            some = next(file.iter_batches(batch_size=100, columns=[column]), None)
    except (pa.ArrowException, OSError, ValueError):
        return set()
    return {_as_text(value) for value in some.column(0).to_pylist()} if some else set()


def _as_text(value) -> str:
    return (
        ""
        if value is None
        else value.decode(errors="replace").strip()
        if isinstance(value, bytes)
        else str(value).strip()
    )


def _first_of_csv(what: Table, number: int) -> set[str]:
    """What the first rows of a text file say in a column, a header said again left out."""
    if what.header is None or what.beginning is None:
        return set()
    text = what.beginning.data[what.header.bytes :].decode("utf-8", errors="replace")
    lines = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=what.header.delimiter)
    rows: list[list[str]] = []
    with suppress(csv.Error):  # a row that does not read is set aside by whoever reads the file; here the others tell
        rows.extend(lines)
    if len(what.beginning.data) >= opening.SNIFFED:
        rows = rows[:-1]  # it was cut off
    header = what.header.names
    return {
        row[number].strip() for row in rows[:100] if len(row) == len(header) and row[number].strip() != header[number]
    }
