"""
What a landed table looks like: its columns, their types, and what each of them means.

One file of `layouts/` describes one landed table. Its keys:

* `meaning`        one sentence for a reader
* `grain`          the columns that name one row
* `recognized_by`  a file that has these columns (by name or other name) is read as this table
* `first_date`, `last_date`  the columns the dates of a file are reported by
* `spans`          pairs of columns whose second day may not lie before the first
* `directory`      true where the rows are about professionals or places, not about people
* `columns`        each column's `type` and `meaning`, and where it applies:
  `needed` (a row without it is set aside) · `also` (other names it arrives under) · `code` (the shape of its code) ·
  `code_by` (the column that names its code system) · `words` (a closed list of words) · `width` (leading zeros restored
  to this many digits) · `upper` (upper case) · `provider` (may hold an NPI) · `past` (never in the future) ·
  `never` (read, and left out on purpose)

`name_{1..25}` stands for twenty-five columns.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LAYOUTS = Path(__file__).parent / "layouts"
REPEATED = re.compile(r"^(?P<stem>.*)\{1\.\.(?P<last>\d+)\}$")


@dataclass(frozen=True)
class Column:
    """One column of a landed table: its SQL type, its meaning, and how its values are written."""

    name: str
    type: str
    meaning: str
    needed: bool = False
    also: tuple[str, ...] = ()
    code: str = ""
    code_by: str = ""
    words: str = ""
    width: int = 0
    upper: bool = False
    provider: bool = False
    past: bool = False
    never: bool = False


STAMPS = (
    Column("source", "VARCHAR", "the feed it came from"),
    Column("delivery_id", "VARCHAR", "the file it came in: the first 12 digits of the file's SHA-256"),
    Column(
        "line", "BIGINT", "its line in that file, counted from 1 as an editor shows it; in a bundle the entry's number"
    ),
    Column("received_on", "DATE", "the day we received it"),
    Column("received_seq", "BIGINT", "the order in which files were received: the higher one is the later one"),
    Column("tags", "VARCHAR", "sensitivity tags, sorted and joined with ';', or empty"),
)
"""What every landed row carries besides its own columns: who told us, when, and how private it is."""


@dataclass(frozen=True)
class Layout:
    """One landed table: what one row is, and its columns in order."""

    table: str
    meaning: str
    grain: tuple[str, ...]
    recognized_by: tuple[str, ...]
    columns: tuple[Column, ...]
    first_date: str = ""
    last_date: str = ""
    spans: tuple[tuple[str, str], ...] = ()
    directory: bool = False

    @property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def numbered_by(self) -> str:
        """The column that only tells its facts apart, as lab_result_id does; empty where people or claims are named."""
        last = self.grain[-1]
        return last if len(self.grain) == 2 and last == f"{self.table}_id" and self.first_date else ""

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The table's own columns, then the six stamps."""
        return self.columns + STAMPS


def _columns(declared: dict) -> tuple[Column, ...]:
    columns: list[Column] = []
    for name, said in declared.items():
        said = {**said, "also": tuple(said.get("also", ()))}
        repeated = REPEATED.match(name)
        if repeated:
            numbers = range(1, int(repeated["last"]) + 1)
            columns += [Column(name=f"{repeated['stem']}{number}", **said) for number in numbers]
        else:
            columns.append(Column(name=name, **said))
    return tuple(columns)


@cache
def layouts() -> dict[str, Layout]:
    """Every landed table by name."""
    found = {}
    for path in sorted(LAYOUTS.glob("*.toml")):
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        found[said["table"]] = Layout(
            table=said["table"],
            meaning=said["meaning"],
            grain=tuple(said["grain"]),
            recognized_by=tuple(said["recognized_by"]),
            columns=_columns(said["columns"]),
            first_date=said.get("first_date", ""),
            last_date=said.get("last_date", ""),
            spans=tuple((first, last) for first, last in said.get("spans", ())),
            directory=said.get("directory", False),
        )
    return found


def layout(table: str) -> Layout:
    """The layout of one landed table; a name nobody landed is a bug and says which names there are."""
    try:
        return layouts()[table]
    except KeyError:
        raise KeyError(f"No landed table is called {table!r}; there are {', '.join(layouts())}.") from None


def meanings() -> Iterator[tuple[str, str]]:
    """File and text of what every landed table and each of its columns means, for whoever translates the pages."""
    for shape in layouts().values():
        for text in dict.fromkeys((shape.meaning, *(column.meaning for column in shape.columns))):
            yield f"layouts/{shape.table}.toml", text
