"""
Opening what stands behind a number: landed rows by evidence id, with the line of the file they came from.

An evidence id is `<delivery_id>:<line>`; several are joined with `;`. This is the one door from a page to landed rows:
read-only, a connection and a memory limit of its own, at most 200 rows, and no time spent on a raw line that lies too
far inside a large file (the row itself is always there).
"""

import gzip
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import duckdb
import orjson

from carewright.knowledge import medicines
from carewright.warehouse import landing, manifest
from carewright.warehouse.layout import STAMPS, layout

MOST_ROWS = 200
RAW_SECONDS = 0.15
"""How long all raw lines of one call may take together."""

LARGEST_BUNDLE = 30_000_000
"""Bytes of a FHIR bundle that is still opened for one of its entries, and of a line."""

WITHOUT_RAW_LINE = frozenset({"eligibility", "person"})
"""Files about who people are may hold numbers we never land (social security): their raw lines stay closed."""

Place = tuple[str, int]
"""A delivery and a line in it."""


class Folders(Protocol):
    """What evidence needs of a home."""

    @property
    def landed(self) -> Path: ...

    @property
    def received(self) -> Path: ...


@dataclass(frozen=True)
class EvidenceRow:
    """One landed row: where it came from, what it says (`row`, empty columns left out), and the raw line if at hand."""

    evidence_id: str
    table: str
    source: str
    file_name: str
    line: int
    received_on: date | None
    row: dict[str, object]
    raw_line: str
    tags: str
    is_taken_back: bool = False
    """Whether its file was taken back since a list counted it: the next run does not."""


def open_rows(
    home: Folders, evidence_ids: Iterable[str], limit: int = MOST_ROWS, *, whole_claims: bool = False
) -> list[EvidenceRow]:
    """
    The landed rows behind evidence ids, in the order of the ids; unknown or unreadable ids open nothing.

    One id may open several rows: an entry of a FHIR bundle lands as many. A fact about a claim carries the claim's
    first line; `whole_claims` opens its other lines too. Never more than 200 rows.
    """
    limit = max(0, min(limit, MOST_ROWS))
    places = _places(evidence_ids)[:limit]
    if not places or not limit:
        return []
    where = _where(home, {delivery_id for delivery_id, _ in places})
    deliveries = where.deliveries
    with duckdb.connect() as con:
        con.execute("set threads = 2; set memory_limit = '512MB'; set enable_progress_bar = false")
        found = list(_rows(con, where, places))
        if whole_claims:
            found += _other_lines(con, where, found)
    order = {place: number for number, place in enumerate(places)}
    first_of_claim = {
        (row["delivery_id"], row.get("claim_id")): order[_place(row)] for _, row in found if _place(row) in order
    }

    def position(item: tuple[str, dict]) -> tuple:
        table, row = item
        own = order.get(_place(row), first_of_claim.get((row["delivery_id"], row.get("claim_id")), len(order)))
        return own, table, row["line"], row.get("claim_line_number") or 0

    declared = frozenset(landing.closed_sources(home))
    rows = [_shown(table, row, where, declared) for table, row in sorted(found, key=position)[:limit]]
    return _with_raw_lines(home, rows, deliveries)


# --- what only the run's own files hold ----------------------------------------------------------------------------------


def paid_in(run: Path, numbers: Iterable[str], month: date) -> list[str]:
    """The evidence ids of the claims and fills a person's cost of one month is made of, the dearest first."""
    where = "month = ?"
    return _behind(run / "marts.paid_claim.parquet", numbers, where, [month], "paid desc, evidence")


def behind_charlson(run: Path, numbers: Iterable[str]) -> list[str]:
    """The evidence ids behind a person's Charlson conditions, the heaviest first."""
    return _behind(run / "marts.comorbidity_condition.parquet", numbers, "true", [], "weight_1987 desc, condition")


def _behind(path: Path, numbers: Iterable[str], where: str, values: list, order: str) -> list[str]:
    """Evidence of a person's rows in a file of a run; none when the run is no longer kept."""
    wanted = sorted(numbers)
    if not wanted or not path.is_file():
        return []
    asked = ", ".join("?" * len(wanted))
    with duckdb.connect() as con:
        con.execute("set threads = 2; set memory_limit = '512MB'; set enable_progress_bar = false")
        found = con.execute(
            f"select evidence from read_parquet({landing.text(str(path))}) where person_id in ({asked}) and {where} "
            f"order by {order}",
            [*wanted, *values],
        ).fetchall()
    return list(dict.fromkeys(one for [evidence] in found for one in (evidence or "").split(";") if one))


def _places(evidence_ids: Iterable[str]) -> list[Place]:
    """Every (delivery, line) named, once, in order; what is no evidence id is passed over."""
    named = [one.strip() for given in evidence_ids for one in given.split(";")]
    places = []
    for one in named:
        delivery_id, colon, line = one.partition(":")
        if colon and delivery_id and line.isascii() and line.isdigit() and len(line) < 19:
            places.append((delivery_id, int(line)))
    return list(dict.fromkeys(places))


@dataclass(frozen=True)
class Where:
    """Where the rows of the wanted deliveries lie: of each one landing, and for each table the files that hold them."""

    landings: dict[str, tuple[str, landing.Delivered]]
    files: dict[str, list[Path]]
    taken_back: frozenset[str] = frozenset()
    """Which of these deliveries count no more."""

    def holds(self, row: dict) -> bool:
        """Whether this row is of the landing that is shown; a file taken back and read again landed twice."""
        batch_id = Path(row["filename"]).name.split(".")[0]
        return self.landings.get(row["delivery_id"], (batch_id,))[0] == batch_id

    @property
    def deliveries(self) -> dict[str, landing.Delivered]:
        return {delivery_id: delivered for delivery_id, (_, delivered) in self.landings.items()}


def _where(home: Folders, wanted: set[str]) -> Where:
    """
    Where the rows wanted lie. Rows of a file that was taken back open too, as long as a list that counted them stands.
    """
    every = landing.manifests(home)
    landings = {
        each.delivery_id: (one.batch_id, each) for one in every for each in one.deliveries if each.delivery_id in wanted
    }
    counting = {key: place for key, place in manifest.places(home).items() if key in wanted}
    taken_back = frozenset(landings.keys() - counting.keys())
    landings |= counting
    batches = {batch_id for batch_id, _ in landings.values()}
    files: dict[str, list[Path]] = {}
    for one in every:
        if one.batch_id in batches or not one.deliveries:
            for table, landed in one.files.items():
                files.setdefault(table, []).extend(home.landed / each.path for each in landed)
    return Where(landings, files, taken_back)


def _rows(con: duckdb.DuckDBPyConnection, lie: Where, places: list[Place]) -> Iterator[tuple[str, dict]]:
    """(table, row) of every landed row that stands in one of the places."""
    wanted = set(places)
    deliveries = ", ".join(sorted(landing.text(each) for each in {delivery_id for delivery_id, _ in places}))
    lines = ", ".join(str(line) for line in sorted({line for _, line in places}))
    for table in lie.files:
        where = f"delivery_id in ({deliveries}) and line in ({lines})"
        yield from ((table, row) for row in _select(con, lie, table, where) if _place(row) in wanted)


def _other_lines(con: duckdb.DuckDBPyConnection, lie: Where, found: list[tuple[str, dict]]) -> list[tuple[str, dict]]:
    """The other lines, in the same delivery, of the medical claims that were found."""
    claims = {(row["delivery_id"], row["claim_id"]) for table, row in found if table == "medical_claim"}
    if not claims:
        return []
    known = {(*_place(row), row.get("claim_line_number")) for table, row in found if table == "medical_claim"}
    deliveries = ", ".join(sorted({landing.text(delivery_id) for delivery_id, _ in claims}))
    numbers = ", ".join(sorted({landing.text(claim_id) for _, claim_id in claims}))
    where = f"delivery_id in ({deliveries}) and claim_id in ({numbers})"
    return [
        ("medical_claim", row)
        for row in _select(con, lie, "medical_claim", where)
        if (row["delivery_id"], row["claim_id"]) in claims and (*_place(row), row.get("claim_line_number")) not in known
    ]


def _select(con: duckdb.DuckDBPyConnection, lie: Where, table: str, where: str) -> list[dict]:
    listed = ", ".join(landing.text(str(path)) for path in lie.files[table])
    every = f"read_parquet([{listed}], union_by_name = true, filename = true)"
    query = con.execute(f"select * from {every} where {where} limit 10000")
    names = [column[0] for column in query.description]
    rows = (dict(zip(names, values, strict=True)) for values in query.fetchall())
    return [row for row in rows if lie.holds(row)]


def _place(row: dict) -> Place:
    return row["delivery_id"], row["line"]


def _shown(table: str, row: dict, lie: Where, declared: frozenset[tuple[str, str]]) -> EvidenceRow:
    stamps = {stamp.name for stamp in STAMPS}
    own = [column.name for column in layout(table).columns if column.name not in stamps and not column.never]
    delivery = lie.deliveries.get(row["delivery_id"])
    return EvidenceRow(
        evidence_id=f"{row['delivery_id']}:{row['line']}",
        table=table,
        source=row["source"],
        file_name=delivery.file_name if delivery else "",
        line=row["line"],
        received_on=row["received_on"],
        row={name: row[name] for name in own if row.get(name) not in (None, "")},
        raw_line="",
        tags=_tags(table, row, declared),
        is_taken_back=row["delivery_id"] in lie.taken_back,
    )


def _tags(table: str, row: dict, declared: frozenset[tuple[str, str]]) -> str:
    """
    The tags a row landed with; a fill's with those its medicine brings, as `core.dispensing` gives them. A source that was
    declared to be protected since then closes its rows at once, not only from the next run on; one that is protected no
    more opens them only when a run has counted them.
    """
    tags = set(filter(None, (row["tags"] or "").split(";")))
    if table == "pharmacy_claim":
        tags |= medicines.tags_of(row.get("ndc_code") or "")
    named = {("npi", row.get(column.name)) for column in layout(table).columns if column.provider}
    if declared & (named | {("feed", row["source"])}):
        tags.add("part2")
    return ";".join(sorted(tags))


# --- raw lines --------------------------------------------------------------------------------------------------------


def _with_raw_lines(
    home: Folders, rows: list[EvidenceRow], deliveries: dict[str, landing.Delivered]
) -> list[EvidenceRow]:
    """The same rows, each with its raw line where the received file gives it within the time there is."""
    until = time.monotonic() + RAW_SECONDS
    closed = {row.evidence_id for row in rows if row.table in WITHOUT_RAW_LINE}
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.evidence_id not in closed:
            wanted.setdefault(row.evidence_id.partition(":")[0], set()).add(row.line)
    raw: dict[str, str] = {}
    for delivery_id, lines in wanted.items():
        delivery = deliveries.get(delivery_id)
        path = home.received / delivery.sha256 if delivery and delivery.sha256 else None
        if path and path.is_file() and time.monotonic() < until:
            for line, text in _raw_lines(path, lines, until):
                raw[f"{delivery_id}:{line}"] = text
    return [replace(row, raw_line=raw.get(row.evidence_id, "")) for row in rows]


def _raw_lines(path: Path, wanted: set[int], until: float) -> Iterator[tuple[int, str]]:
    """(number, text) of the wanted lines of a text file, plain or gzip; of a FHIR bundle, the wanted entries."""
    with path.open("rb") as raw:
        start = raw.read(4)
        raw.seek(0)
        if start == b"PAR1":
            return
        file = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if start[:2] == b"\x1f\x8b" else raw
        try:
            first = file.readline(LARGEST_BUNDLE)
            if first.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and not _is_a_resource(first):
                yield from _entries(first + file.read(LARGEST_BUNDLE), wanted)
            else:
                yield from _numbered(first, file, wanted, until)
        except (OSError, EOFError):
            return  # a truncated archive: the rows it gave are landed, its lines past the break are not readable


def _numbered(first: bytes, file: BinaryIO, wanted: set[int], until: float) -> Iterator[tuple[int, str]]:
    """The wanted ones of the lines; none that is too long, or a bundle, which may speak of others too."""
    left = set(wanted)
    line, number = first, 1
    while line and left:
        is_whole = _ends(line)
        if number in left:
            left.discard(number)
            if is_whole and (line[:1] != b"{" or _is_a_resource(line)):
                yield number, line.decode("utf-8-sig", "replace").rstrip("\r\n")
        while not is_whole:
            is_whole = _ends(file.readline(LARGEST_BUNDLE))
        if number % 2000 == 0 and time.monotonic() > until:
            return
        line, number = file.readline(LARGEST_BUNDLE), number + 1


def _ends(piece: bytes) -> bool:
    """Whether a line ends with this piece of it."""
    return len(piece) < LARGEST_BUNDLE or piece.endswith(b"\n")


def _is_a_resource(line: bytes) -> bool:
    """Whether one line is a whole FHIR resource other than a bundle, as in NDJSON."""
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return isinstance(said, dict) and said.get("resourceType") != "Bundle"


def _entries(document: bytes, wanted: set[int]) -> Iterator[tuple[int, str]]:
    try:
        said = orjson.loads(document)
    except orjson.JSONDecodeError:
        return
    entries = said.get("entry") if isinstance(said, dict) and said.get("resourceType") == "Bundle" else [said]
    for number in sorted(wanted):
        if isinstance(entries, list) and 0 < number <= len(entries):
            entry = entries[number - 1]
            resource = entry.get("resource", entry) if isinstance(entry, dict) else entry
            yield number, orjson.dumps(resource).decode()
