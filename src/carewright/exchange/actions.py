"""
Everything that changes what was received. Nothing else may.

`ingest` is the one way in for files: the command line, the upload page, the watched folder and the demo all call it.
It works in batches of files that land together, remembers each step, and is safe to kill at any moment: the next call
first finishes what was left half done.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.exchange import receiving
from carewright.exchange.batch import FileReport
from carewright.exchange.ingesting import Ingest, Report, finish_what_was_left
from carewright.kernel.errors import NotNow
from carewright.plumbing import home as homes
from carewright.plumbing.home import Home
from carewright.warehouse import landing


def ingest(
    paths: Iterable[Path | str],
    *,
    source: str = "",
    strict: bool = False,
    by,
    report: Report | None = None,
    at: datetime | None = None,
    home: Home | None = None,
) -> list[FileReport]:
    """
    Take files in: keep their bytes, land their rows, and say of every row what became of it.

    One `FileReport` per file, in the order given. A file that cannot be read has a `problem` and stops no other.
    `source` names the feed; without it the file's own `data_source` does, or the kind of file. `by` is a member of
    staff or `system:…`. Raises `NotNow` when another ingest works in this home, `BadInput` for a path that is not there.
    """
    home, at = home or homes.current(), at or timezone.now()
    given = receiving.files_in(paths)
    with landing.alone(home) as is_alone:
        if not is_alone:
            raise NotNow("Another ingest is reading into this home. Wait until it has finished, then try again.")
        try:
            with acting_as("system:ingest"):
                finish_what_was_left(by=by, at=at, home=home)
                return Ingest(home, source, strict, by, at, report).all(given)
        finally:
            receiving.clear_scratch(home)
