"""
Landing: where rows that were understood are put down, and how the warehouse finds them again.

One batch is one run of ingest (or of the demo). `write` puts rows of one table down as Parquet under
`landed/<table>/<batch>.parquet`; `finish` writes the batch's manifest, `landed/_batches/<batch>.json`, last. Only files
named in a manifest exist for the warehouse, so a batch killed half way was never there. A landed row is never changed.
What counts of it is in `manifest`.

Nothing here knows Django. `home` is anything with a `landed` folder.
"""

import csv
import fcntl
import os
import re
import threading
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from carewright.warehouse.layout import STAMPS, Column, Layout, layout, layouts
from carewright.warehouse.manifest import (
    Delivered,
    HasLanded,
    Landed,
    Manifest,
    batches_that_count,
    gone,
    latest,
    manifests,
)
from carewright.warehouse.names import quoted, text
from carewright.warehouse.tagging import tagged

PART2_SOURCES = "_part2_sources.csv"
Sources = tuple[tuple[str, str], ...]
"""Sources protected by 42 CFR Part 2, as `("npi" | "feed", value)`."""
_own = threading.local()
BATCH_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]*$")


# --- writing ------------------------------------------------------------------------------------------------------


def write(home: HasLanded, table: str, batch_id: str, rows: pa.Table, *, part: int = 0) -> Landed:
    """
    Put rows of one table down as Parquet, whole or not at all.

    Columns of the layout that `rows` lacks are not written, and read as empty; columns the layout does not know are
    refused, as is a row without its `source`, `delivery_id`, `line`, `received_on` and `received_seq`. Values are cast to the
    layout's types, codes written as they land (upper case, no dots), tags computed and joined to those in `rows`.
    A large table is written in parts, numbered by the caller: `part=0, 1, 2, …`.
    """
    shape = layout(table)
    known = {column.name for column in shape.all_columns}
    unknown = [name for name in rows.column_names if name not in known]
    if unknown:
        raise ValueError(f"landed.{table} has no column {', '.join(unknown)}; its layout names what there is.")
    missing = [stamp.name for stamp in STAMPS if stamp.name != "tags" and stamp.name not in rows.column_names]
    if missing and rows.num_rows:
        raise ValueError(f"Rows for landed.{table} lack {', '.join(missing)}: every landed row says where it is from.")
    con = _connection()
    con.register("given", rows)
    try:
        has = set(rows.column_names)
        values = {
            column.name: f"cast({normal(quoted(column.name), column)} as {column.type})"
            for column in shape.all_columns
            if column.name in has and not column.never
        }
        return copy_to(con, home, shape, batch_id, "given", values, part=part)
    finally:
        con.unregister("given")


def _connection() -> duckdb.DuckDBPyConnection:
    """A DuckDB for small tables, one per thread: opening one takes longer than writing a thousand rows."""
    con = getattr(_own, "con", None)
    if con is None:
        con = _own.con = duckdb.connect()
        con.execute("set threads = 2; set preserve_insertion_order = true; set memory_limit = '1GB'")
    return con


def copy_to(
    con: duckdb.DuckDBPyConnection,
    home: HasLanded,
    shape: Layout,
    batch_id: str,
    relation: str,
    values: dict[str, str],
    *,
    part: int = 0,
) -> Landed:
    """
    Put down `relation` (a table, view or subquery of `con`), each landed column by its SQL expression in `values`.

    A column without an expression is not written unless rows cannot do without it: most columns of a claim are empty in
    most feeds, and writing emptiness took as long as writing the rest. This is the one way Parquet comes into `landed/`.
    """
    if not BATCH_NAME.match(batch_id):
        raise ValueError(f"A batch is named with letters, digits, '-' and '_', not {batch_id!r}.")
    written_ones = [each for each in shape.all_columns if each.name != "tags" and _is_written(each, shape, values)]
    columns = ", ".join(
        f"{values.get(column.name, f'cast(null as {column.type})')} as {quoted(column.name)}" for column in written_ones
    )
    if "tags" in values:
        columns += f", {values['tags']} as given_tags"
    names = ", ".join(quoted(column.name) for column in written_ones)
    select = tagged(
        f"select {columns} from {relation}",
        names,
        shape,
        set(values),
        part2_sources(home),
        given="given_tags" if "tags" in values else "",
    )
    name = f"{batch_id}.parquet" if part == 0 else f"{batch_id}.{part}.parquet"
    folder = home.landed / shape.table
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    final = folder / name
    unfinished = folder / f".{name}.{os.getpid()}"
    try:
        written = con.execute(
            f"copy ({select}) to {text(str(unfinished))} (format parquet, compression snappy)"
        ).fetchall()[0][0]
        _to_disk(unfinished)
        unfinished.replace(final)
    finally:
        unfinished.unlink(missing_ok=True)
    return Landed(shape.table, f"{shape.table}/{name}", written)


def _is_written(column: Column, shape: Layout, values: dict[str, str]) -> bool:
    return column.name in values or column.needed or column in STAMPS or column.name in shape.grain


def finish(
    home: HasLanded,
    batch_id: str,
    deliveries: Sequence[Delivered | dict],
    *,
    at: datetime | None = None,
    instead_of: Iterable[tuple[str, str]] = (),
) -> Manifest:
    """
    Say that a batch is whole: from now on the warehouse reads it. Written last, in one step.

    Every Parquet file of the batch that stands in `landed/` is named. `deliveries` says which received files the rows
    are from (`Delivered`, or the same as a dict), `instead_of` which landings, as (batch, delivery), count no more.
    """
    named = [each if isinstance(each, Delivered) else Delivered(**each) for each in deliveries]
    files: dict[str, list[Landed]] = {}
    for table in layouts():
        for path in _files_of(home, table, batch_id):
            [[rows]] = _connection().execute(f"select count(*) from read_parquet({text(str(path))})").fetchall()
            files.setdefault(table, []).append(Landed(table, f"{table}/{path.name}", rows))
    manifest = Manifest(batch_id, at, files, named, list(instead_of))
    folder = home.landed / "_batches"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = folder / f".{batch_id}.{os.getpid()}"
    unfinished.write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    _to_disk(unfinished)
    unfinished.replace(folder / f"{batch_id}.json")
    _to_disk(folder)
    return manifest


def sweep(home: HasLanded, batch_id: str) -> None:
    """Remove what an unfinished batch left behind, so that it can be done again from the start."""
    if (home.landed / "_batches" / f"{batch_id}.json").exists():
        raise ValueError(f"Batch {batch_id} is finished; a landed row is never changed.")
    for table in layouts():
        for path in _files_of(home, table, batch_id):
            path.unlink(missing_ok=True)
        for path in (home.landed / table).glob(f".{batch_id}.*"):
            path.unlink(missing_ok=True)


def leave_out(con: duckdb.DuckDBPyConnection, home: HasLanded, landed: Landed, rows: str) -> None:
    """
    Take rows out of a part that is not finished yet; `rows` is a table of `con` with their `delivery_id` and `line`.
    """
    path = home.landed / landed.path
    rest = path.with_name(f".{path.name}.rest")
    only = f"from read_parquet({text(str(path))}) anti join {rows} using (delivery_id, line)"
    [[left]] = con.execute(f"select count(*) {only}").fetchall()
    if left == landed.rows:
        return
    if left:
        con.execute(f"copy (select * {only}) to {text(str(rest))} (format parquet, compression snappy)")
        rest.replace(path)
    else:
        path.unlink()


def gather(home: HasLanded, batch_id: str, *, above: int = 8) -> None:
    """
    Join the many small parts of a batch into one file per table, so that ten thousand small files do not become ten
    thousand Parquet files. Parts that are large already stay as they are. Only before the batch is finished.
    """
    for table in layouts():
        parts = _files_of(home, table, batch_id)
        if len(parts) <= above or sum(path.stat().st_size for path in parts) > len(parts) << 20:
            continue
        joined = home.landed / table / f".{batch_id}.gathered"
        listed = ", ".join(text(str(path)) for path in parts)
        _connection().execute(
            f"copy (select * from read_parquet([{listed}], union_by_name = true)) to {text(str(joined))} (format parquet)"
        )
        _to_disk(joined)
        # Should this be killed in between, the batch is unfinished and is swept and read again.
        for path in parts:
            path.unlink()
        joined.replace(home.landed / table / f"{batch_id}.parquet")


# --- reading ------------------------------------------------------------------------------------------------------


def files(home: HasLanded) -> dict[str, list[Path]]:
    """
    For every landed table the Parquet files that count: those a manifest names. A table without any has none.

    A batch of which nothing counts any more is left out. Of one that counts in part all files are named: whoever reads
    rows takes them from `relation`, which leaves out those that do not count.
    """
    found: dict[str, list[Path]] = {table: [] for table in layouts()}
    counting = batches_that_count(home)
    for manifest in manifests(home):
        for table, landed in manifest.files.items() if manifest.batch_id in counting else ():
            found[table] += [home.landed / each.path for each in landed]
    return found


def relation(home: HasLanded, table: str) -> str:
    """
    The rows of one table that count, as SQL to select from, with the columns their files have; some file must count.

    A row of a directory (a professional, a place) is told by all files of its batch together, and counts as long as any
    of them does.
    """
    paths = files(home)[table]
    listed = ", ".join(text(str(path)) for path in paths)
    lost = {} if layout(table).directory else gone(home)
    tests = [
        f"(filename = {text(str(path))} and delivery_id in ({', '.join(map(text, sorted(lost[batch_id])))}))"
        for path in paths
        if (batch_id := path.name.split(".")[0]) in lost
    ]
    if not tests:
        return f"read_parquet([{listed}], union_by_name = true)"
    every = f"read_parquet([{listed}], union_by_name = true, filename = true)"
    return f"(select * exclude (filename) from {every} where not ({' or '.join(tests)}))"


def naming(home: HasLanded, npi: str, *, unfinished: bool = False) -> list[tuple[str, int]]:
    """
    The delivery and line of every landed row that names this provider; with `unfinished`, also of batches that are
    being read at this moment.
    """
    found: set[tuple[str, int]] = set()
    landed = manifests(home)
    for table, shape in layouts().items():
        columns = {column.name for column in shape.columns if column.provider}
        # what was taken back too: it stands in the charts' history
        paths = {home.landed / each.path for manifest in landed for each in manifest.files.get(table, ())}
        if unfinished:
            paths |= set((home.landed / table).glob("[!.]*.parquet"))
        for path in sorted(paths) if columns else ():
            with suppress(FileNotFoundError):  # a part of a batch that was swept in the meantime
                found.update(_naming(path, columns, npi))
    return sorted(found)


def _naming(path: Path, columns: set[str], npi: str) -> list[tuple[str, int]]:
    """The same of one file, in the columns it has: one from before a column was added to the layout lacks it."""
    has = columns.intersection(pq.read_schema(path).names)
    if not has:
        return []
    test = " or ".join(f"{quoted(column)} = {text(npi)}" for column in sorted(has))
    rows = f"select delivery_id, line from read_parquet({text(str(path))}) where {test}"
    return _connection().execute(rows).fetchall()


def said_of(
    con: duckdb.DuckDBPyConnection, paths: Sequence[str], columns: Sequence[str], delivery_id: str
) -> set[tuple]:
    """What these files hold of one delivery in these columns, each once and none empty, whether it counts or not."""
    here = {name for path in paths for name in pq.read_schema(path).names}
    if not here.issuperset(columns):
        return set()
    listed_columns = ", ".join(map(quoted, columns))
    filled = " and ".join(f"{quoted(column)} is not null" for column in columns)
    listed = ", ".join(map(text, paths))
    found = con.execute(
        f"select distinct {listed_columns} from read_parquet([{listed}], union_by_name = true)"
        f" where delivery_id = {text(delivery_id)} and {filled}"
    ).fetchall()
    return set(found)


def empty_sql(table: str) -> str:
    """A `select` of the table's columns without rows, for a table nobody has landed yet."""
    columns = ", ".join(f"cast(null as {column.type}) as {quoted(column.name)}" for column in layout(table).all_columns)
    return f"select {columns} where false"


def view_sql(home: HasLanded, table: str) -> str:
    """A `select` of everything landed in one table, or of nothing, always with every column of the layout."""
    paths = files(home)[table]
    if not paths:
        return empty_sql(table)
    here = {name for path in paths for name in pq.read_schema(path).names}
    return f"select {every_column(table, here)} from {relation(home, table)}"


def every_column(table: str, here: Container[str]) -> str:
    """Every column of the layout as SQL, over files that have those of `here`: the others are empty."""
    return ", ".join(
        quoted(column.name) if column.name in here else f"cast(null as {column.type}) as {quoted(column.name)}"
        for column in layout(table).all_columns
    )


# --- the order of receipt -----------------------------------------------------------------------------------------


def next_seq(home: HasLanded, count: int = 1) -> int:
    """
    The next number in the order of receipt; `count` numbers from it are ours. Safe when two processes ask at once.
    """
    home.landed.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home.landed / "_sequence"
    with path.open("a+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        said = file.read().strip()
        known = max((latest(manifest) for manifest in manifests(home)), default=0)
        number = max(int(said) if said.isdigit() else 0, known) + 1
        file.seek(0)
        file.truncate()
        file.write(str(number + count - 1))
        file.flush()
        os.fsync(file.fileno())
    return number


# --- how codes are written, and what they say -----------------------------------------------------------------------


def normal(expression: str, column: Column) -> str:
    """A SQL expression for the value as it lands: codes in upper case without dots, other text untouched."""
    if column.type != "VARCHAR":
        return expression
    if column.code in ("icd", "icd_procedure", "hcpcs"):
        return f"upper(replace(cast({expression} as varchar), '.', ''))"
    return expression


def declare_part2(
    home: HasLanded, sources: Iterable[tuple[str, str]], *, ended: Iterable[tuple[str, str]] = ()
) -> Path:
    """
    Write down which NPIs and feeds are protected by 42 CFR Part 2, for landing and for the warehouse.

    The file `landed/_part2_sources.csv` has the columns `kind` (npi or feed) and `value`. The warehouse applies it to
    rows that landed before the source was declared. Sources in `ended` are protected no more, but no run has counted
    them since: what landed from them opens when one has.
    """
    home.landed.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home.landed / PART2_SOURCES
    declared = set(sources)
    lines = ["kind,value,ended"] + [f"{kind},{_csv(value)}," for kind, value in sorted(declared)]
    lines += [f"{kind},{_csv(value)},ended" for kind, value in sorted(set(ended) - declared)]
    unfinished = path.with_name(f".{PART2_SOURCES}.{os.getpid()}")
    unfinished.write_text("\n".join(lines) + "\n", encoding="utf-8")
    _to_disk(unfinished)
    unfinished.replace(path)
    return path


def part2_sources(home: HasLanded) -> Sources:
    """The sources declared so far, as `("npi" | "feed", value)`."""
    return tuple((row["kind"], row["value"]) for row in _part2_rows(home) if not row.get("ended"))


def closed_sources(home: HasLanded) -> Sources:
    """The same, with those that are protected no more and that no run has counted since."""
    return tuple((row["kind"], row["value"]) for row in _part2_rows(home))


def _part2_rows(home: HasLanded) -> list[dict[str, str]]:
    path = home.landed / PART2_SOURCES
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def has_landed(home: HasLanded, kind: str, value: str) -> bool:
    """Whether anything of a feed, or anything that names a provider by NPI, has landed, even if it was taken back since."""
    if kind == "npi":
        return bool(naming(home, value))
    return bool(deliveries_of(home, value))


def deliveries_of(home: HasLanded, source: str) -> set[str]:
    """Every delivery of a feed of which something landed, even if it was taken back since."""
    return {each.delivery_id for manifest in manifests(home) for each in manifest.deliveries if each.source == source}


# --- small joints ----------------------------------------------------------------------------------------------------


@contextmanager
def alone(home: HasLanded) -> Iterator[bool]:
    """Hold the home's landing for one process; yields False, at once, when another process holds it already."""
    home.landed.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home.landed / "_lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _csv(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if any(c in value for c in ',"\n\r') else value


def _files_of(home: HasLanded, table: str, batch_id: str) -> list[Path]:
    folder = home.landed / table
    whole = folder / f"{batch_id}.parquet"
    parts = [path for path in folder.glob(f"{batch_id}.*.parquet") if path.name.split(".")[-2].isdigit()]
    return ([whole] if whole.exists() else []) + sorted(parts, key=lambda path: int(path.name.split(".")[-2]))


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
