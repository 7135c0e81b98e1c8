"""
A warehouse step: one `.sql` file that makes one table, and says in its header what one row of that table is.

The header is documentation and contract at once: the sentence and the column lines become the data dictionary,
the grain (`-- grain: person_id, month`) is checked on every run.
"""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import sqlglot

from carewright.kernel.errors import CarewrightError

FLOORS = ("landed", "input", "core", "marts", "published")
STEPS = Path(__file__).parent / "steps"

_COLUMN = re.compile(r"^-- ([a-z_0-9]+) +(\S.*)$")


class BrokenPromise(CarewrightError):  # noqa: N818 - a word of the house
    """A step did not do what its header says; the message names the step and what to change."""


@dataclass(frozen=True)
class Step:
    """One `.sql` file under `steps/<floor>/`; its table is called `<floor>.<file stem>`."""

    path: Path

    @property
    def floor(self) -> str:
        """The floor the table stands on: the name of the folder."""
        return self.path.parent.name

    @property
    def table(self) -> str:
        """The table's full name, for example `core.person`."""
        return f"{self.floor}.{self.path.stem}"

    @cached_property
    def sql(self) -> str:
        """The whole file, header and statement."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def header(self) -> tuple[str, ...]:
        """The comment lines that stand before the statement."""
        lines = []
        for line in self.sql.splitlines():
            if not line.startswith("--"):
                break
            lines.append(line)
        return tuple(lines)

    @cached_property
    def grain(self) -> tuple[str, ...]:
        """The columns of which no two rows may have the same values."""
        for line in self.header:
            if line.startswith("-- grain:"):
                return tuple(column.strip() for column in line.removeprefix("-- grain:").split(","))
        raise BrokenPromise(f"{self.table} does not say what one row is. Add '-- grain: …' to {self.path.name}.")

    @property
    def stored(self) -> bool:
        """Whether the rows are kept; `-- stored: no` makes a view, for steps that only rename or leave rows out."""
        return "-- stored: no" not in self.header

    @property
    def exported(self) -> bool:
        """Whether the run keeps the table as Parquet: marts and published, unless `-- exported: no` says otherwise."""
        return self.floor in ("marts", "published") and "-- exported: no" not in self.header

    @cached_property
    def columns(self) -> dict[str, str]:
        """Each documented column and its sentence, in the order of the header: the comment lines after the grain."""
        after_grain, found = False, {}
        for line in self.header:
            if after_grain and (column := _COLUMN.match(line)):
                found[column[1]] = column[2]
            after_grain = after_grain or line.startswith("-- grain:")
        return found

    @property
    def told_as(self) -> str:
        """
        The table whose header documents these columns too, empty when the step's own header does.

        A step that passes the columns of one table on (most of `published` does) need not say again what they mean.
        """
        return next(iter(self.reads)) if not self.columns and len(self.reads) == 1 else ""

    @cached_property
    def sentence(self) -> str:
        """What the table is for: the comment up to the first empty comment line."""
        words = []
        for line in self.header:
            text = line.removeprefix("--").strip()
            if not text:
                break
            words.append(text)
        return " ".join(words)

    @cached_property
    def statement(self) -> sqlglot.exp.Query:
        """The one `select` of the file, parsed."""
        statements = [one for one in sqlglot.parse(self.sql, read="duckdb") if one is not None]
        if len(statements) != 1 or not isinstance(statements[0], sqlglot.exp.Query):
            raise BrokenPromise(f"{self.table} must be one select statement; {self.path.name} holds something else.")
        return statements[0]

    @cached_property
    def reads(self) -> frozenset[str]:
        """Every `schema.table` the statement names, knowledge included."""
        return _reads(self.path, self.sql)

    def refuse_what_stands_higher(self) -> None:
        """Raise `BrokenPromise` when the statement reads a floor above its own, or a schema we do not have."""
        for source in sorted(self.reads):
            schema = source.split(".")[0]
            if schema == "knowledge":
                continue
            if schema not in FLOORS:
                raise BrokenPromise(f"{self.table} reads {source}, and there is no floor called {schema!r}.")
            if FLOORS.index(schema) > FLOORS.index(self.floor):
                raise BrokenPromise(f"{self.table} reads {source}, which stands on a higher floor.")


@cache
def _reads(path: Path, _sql: str) -> frozenset[str]:
    """What a step reads; found once in a process, since a run asks for every step and reading a statement takes its time."""
    tables = Step(path).statement.find_all(sqlglot.exp.Table)
    return frozenset(f"{table.db}.{table.name}" for table in tables if table.db)


def all_steps(folder: Path = STEPS) -> dict[str, Step]:
    """Every step in the folder, by table name."""
    return {step.table: step for step in map(Step, sorted(folder.glob("*/*.sql")))}
