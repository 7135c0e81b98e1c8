"""
Which sources a run kept closed: those that were declared to be protected by 42 CFR Part 2 when it began.

Every run leaves their list beside its tables. A source that was declared later stands in none of its lists, so what the
run shows may rest on it: such a run may be shown to nobody.
"""

import csv
from pathlib import Path

from carewright.warehouse import landing

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
