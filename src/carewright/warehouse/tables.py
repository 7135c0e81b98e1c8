"""
What the steps stand on: the landed Parquet files of this home, and the tables of `carewright.knowledge`.

Only files that a finished batch names in its manifest exist for the warehouse: a delivery that was killed half way is
not there until it has been finished.
"""

import csv
import gzip
import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import duckdb

from carewright.warehouse.step import BrokenPromise

LAYOUTS = Path(__file__).parent / "layouts"
KNOWLEDGE = Path(__file__).parent.parent / "knowledge"

ADDED = {
    "source": "VARCHAR",
    "delivery_id": "VARCHAR",
    "line": "BIGINT",
    "received_on": "DATE",
    "received_seq": "BIGINT",
    "tags": "VARCHAR",
}


_NUMBERED = re.compile(r"(\w+)\{(\d+)\.\.(\d+)\}")
"""A family of columns in a layout, written once: `diagnosis_code_{1..25}`."""


def quoted(text: str | Path) -> str:
    """The text as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def landed_files(landed: Path) -> dict[str, list[Path]]:
    """The Parquet files of every landed table that a manifest under `_batches/` vouches for."""
    batches = {path.stem for path in (landed / "_batches").glob("*.json")}
    found: dict[str, list[Path]] = {}
    for path in sorted(landed.glob("[!_]*/*.parquet")):
        if path.stem in batches:
            found.setdefault(path.parent.name, []).append(path)
    return found


def layout(table: str, folder: Path = LAYOUTS) -> dict[str, str]:
    """Column name and DuckDB type of a landed table, the six columns every landed row has included."""
    path = folder / f"{table}.toml"
    if not path.exists():
        raise BrokenPromise(f"A step reads landed.{table}, but there is no layout {path.name}.")
    found = {}
    for name, about in tomllib.loads(path.read_text(encoding="utf-8"))["columns"].items():
        if numbered := _NUMBERED.fullmatch(name):
            stem, first, latest = numbered.groups()
            found |= {f"{stem}{number}": about["type"] for number in range(int(first), int(latest) + 1)}
        else:
            found[name] = about["type"]
    return found | ADDED


def register_landed(con: duckdb.DuckDBPyConnection, landed: Path, wanted: Iterable[str]) -> None:
    """Make one view `landed.<table>` per wanted table: over its files, or empty with the layout's types."""
    con.execute("create schema if not exists landed")
    files = landed_files(landed)
    for table in sorted(wanted):
        columns = layout(table)
        if table in files:
            rows = f"read_parquet([{', '.join(quoted(path) for path in files[table])}], union_by_name = true)"
            here = {name for name, *_ in con.execute(f"describe from {rows}").fetchall()}
            lacking = "".join(f', null::{kind} as "{name}"' for name, kind in columns.items() if name not in here)
            con.execute(f"create or replace view landed.{table} as select *{lacking} from {rows}")
        else:
            empty = ", ".join(f'null::{kind} as "{name}"' for name, kind in columns.items())
            con.execute(f"create or replace view landed.{table} as select {empty} where false")


def knowledge_files(folder: Path = KNOWLEDGE) -> dict[str, Path]:
    """Every table of our knowledge by name: `value_sets/icd10cm.csv.gz` is `icd10cm`."""
    found: dict[str, Path] = {}
    for path in sorted([*folder.rglob("*.csv"), *folder.rglob("*.csv.gz")]):
        name = path.name.removesuffix(".gz").removesuffix(".csv")
        if name in found:
            raise BrokenPromise(f"Two knowledge tables are called {name}: {found[name]} and {path}. Rename one.")
        found[name] = path
    return found


def _lines_to_skip(path: Path) -> int:
    """How many `#` lines (source, edition, licence) stand before the header."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        count = 0
        for line in file:
            if not line.startswith("#"):
                break
            count += 1
    return count


def register_knowledge(con: duckdb.DuckDBPyConnection, wanted: Iterable[str], folder: Path = KNOWLEDGE) -> None:
    """Load the wanted tables of knowledge as `knowledge.<name>`, every column text."""
    con.execute("create schema if not exists knowledge")
    files = knowledge_files(folder)
    for name in sorted(wanted):
        if name not in files:
            raise BrokenPromise(f"A step reads knowledge.{name}, but no file {name}.csv stands under knowledge/.")
        con.execute(
            f"create or replace table knowledge.{name} as from read_csv({quoted(files[name])}, "
            f"header = true, all_varchar = true, skip = {_lines_to_skip(files[name])}, delim = ',', quote = '\"')"
        )


def fill(con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], rows: Iterable[tuple]) -> None:
    """Make a small table from rows at hand."""
    con.execute(f"create or replace table {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    if rows := list(rows):
        con.executemany(f"insert into {table} values ({', '.join('?' * len(columns))})", rows)


def part2_sources(landed: Path) -> list[tuple[str, str]]:
    """The listed 42 CFR Part 2 sources (`npi` or `feed`, and its value) that the import pages keep beside the files."""
    path = landed / "_part2_sources.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [(row["kind"], row["value"]) for row in csv.DictReader(file)]


def manifests(landed: Path) -> list[dict]:
    """Every finished batch's manifest, oldest name first."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((landed / "_batches").glob("*.json"))]
