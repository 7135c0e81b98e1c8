"""
What the steps stand on: the landed Parquet files of this home, and the tables of `carewright.knowledge`.

Only files that a finished batch names in its manifest exist for the warehouse: a delivery that was killed half way is
not there until it has been finished, and one that was taken back is not there any more.
"""

import gzip
from collections.abc import Iterable
from pathlib import Path

import duckdb

from carewright.warehouse import landing
from carewright.warehouse.step import BrokenPromise

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"


def quoted(text: str | Path) -> str:
    """The text as an SQL string."""
    return landing.text(str(text))


def register_landed(con: duckdb.DuckDBPyConnection, home: landing.HasLanded, wanted: Iterable[str]) -> None:
    """
    Make one view `landed.<table>` per wanted table: over its files, or empty with the layout's types.

    A column that no file has (nobody sent it, or the layout was given it later) is empty.
    """
    con.execute("create schema if not exists landed")
    files = landing.files(home)
    for table in sorted(wanted):
        if table not in files:
            raise BrokenPromise(f"A step reads landed.{table}, but there is no layout of that name.")
        if not files[table]:
            con.execute(f"create or replace view landed.{table} as {landing.empty_sql(table)}")
            continue
        rows = landing.relation(home, table)
        here = {name for name, *_ in con.execute(f"describe from {rows}").fetchall()}
        columns = landing.every_column(table, here)
        con.execute(f"create or replace view landed.{table} as select {columns} from {rows}")


def knowledge_files(folder: Path = KNOWLEDGE) -> dict[str, Path]:
    """Every table of our knowledge by name: `value_sets/icd10cm.csv.gz` is `icd10cm`."""
    found: dict[str, Path] = {}
    for path in sorted([*folder.rglob("*.csv"), *folder.rglob("*.csv.gz")]):
        name = path.name.removesuffix(".gz").removesuffix(".csv")
        if name in found:
            raise BrokenPromise(f"Two knowledge tables are called {name}: {found[name]} and {path}. Rename one.")
        found[name] = path
    return found


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


def _lines_to_skip(path: Path) -> int:
    """How many `#` lines (source, edition, licence) stand before the header."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            if not line.startswith("#"):
                return number
    return 0


def fill(con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], rows: Iterable[tuple]) -> None:
    """Make a small table from rows at hand."""
    con.execute(f"create or replace table {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    if rows := list(rows):
        con.executemany(f"insert into {table} values ({', '.join('?' * len(columns))})", rows)
