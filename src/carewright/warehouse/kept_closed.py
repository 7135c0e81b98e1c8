"""
Which sources a run kept closed: those that were declared to be protected by 42 CFR Part 2 when it began.

Every run leaves their list beside its tables. A source that was declared later stands in none of its lists, so what the
run shows may rest on it: such a run may be shown to nobody.
"""

import csv
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from carewright.warehouse import landing
from carewright.warehouse.layout import layouts
from carewright.warehouse.names import quoted, text

FILE = "part2_sources.csv"
Sources = frozenset[tuple[str, str]]
"""`("npi" | "feed", value)`, as `landing.part2_sources` names them."""


def write(folder: Path, sources: landing.Sources) -> None:
    """Leave the list in the folder of a run."""
    with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["kind", "value"])
        writer.writerows(sorted(sources))


def of_run(folder: Path) -> Sources:
    """The sources the run in this folder kept closed; none for a run from before runs wrote them down."""
    path = folder / FILE
    if not path.exists():
        return frozenset()
    with path.open(encoding="utf-8", newline="") as file:
        return frozenset((row["kind"], row["value"]) for row in csv.DictReader(file))


def declared_since(home: landing.HasLanded, folder: Path) -> Sources:
    """The sources that are protected now, and that the run in this folder did not know of."""
    return frozenset(landing.part2_sources(home)) - of_run(folder)


def people_of(home: landing.HasLanded, kind: str, value: str) -> set[str]:
    """Everybody of whom a source said anything that landed, by `person_id`; what was taken back since counts too."""
    found: set[str] = set()
    with duckdb.connect() as con:
        for manifest in landing.manifests(home):
            for table, landed in manifest.files.items():
                shape = layouts()[table]
                asked = ["source"] if kind == "feed" else [column.name for column in shape.columns if column.provider]
                for path in (home.landed / each.path for each in landed):
                    has = set(pq.read_schema(path).names)
                    tests = [f"{quoted(name)} = {text(value)}" for name in asked if name in has]
                    if tests and "person_id" in has:
                        rows = f"select distinct person_id from read_parquet({text(str(path))})"
                        answer = con.execute(f"{rows} where ({' or '.join(tests)}) and person_id is not null")
                        found |= {person_id for (person_id,) in answer.fetchall()}
    return found
