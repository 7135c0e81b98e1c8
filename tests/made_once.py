"""
What is dear to make is made once for a whole run of the tests, however many processes share the work, and copied.

A database with all migrations, and a home whose database is up to date: each takes ten seconds of work from nothing and
a tenth of one to copy.
"""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from carewright.plumbing import embedded_postgres
from carewright.plumbing.home import Home

SHARED = Path(os.environ["CAREWRIGHT_TEST_HOME"])
MIGRATED = f"migrated_{SHARED.name}"
DEMO = f"demo_{SHARED.name}"


def made_once(what: str, make: Callable[[], None]) -> None:
    """Make it, unless another process of this run has; who comes while it is being made waits."""
    with (SHARED / f"made-{what}").open("a+") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        if os.fstat(mark.fileno()).st_size == 0:
            make()
            mark.write("made")


def copy_home(path: Path, upgrade: Callable[[Path], None]) -> None:
    """A home with an up-to-date database at this path. `upgrade` makes the first from nothing, and stops it."""
    first = SHARED / "first-home"
    made_once("home", lambda: upgrade(first))
    shutil.copytree(first, path)
    ours, theirs = embedded_postgres.Server(Home(path)), embedded_postgres.Server(Home(first))
    if not ours.folder.is_relative_to(path):  # as root, the database lies outside, and belongs to another user
        shutil.copytree(theirs.folder, ours.folder)
        for copied in [ours.folder, *ours.folder.rglob("*")]:
            shutil.chown(copied, ours.runs_as)


def remove_homes() -> None:
    """Take the first home's database away, wherever it lies."""
    if (SHARED / "first-home").exists():
        embedded_postgres.Server(Home(SHARED / "first-home")).remove()
