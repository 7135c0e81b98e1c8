"""
People whose earlier facts are still to reach their chart: a note in the home, kept until it is done.

Whoever makes people known (reading a file, a run of the warehouse) catches up with what earlier files said of them
afterwards. Between the two it may be killed. So their numbers are written down before anybody becomes known, and taken
away when everything has been caught up with; the next one to catch up finds what was left, and does it too.

A note is one file of `landed/_owed/`, locked while its writer lives: a note nobody holds was left behind.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

FOLDER = "_owed"


class Note:
    """What one piece of work owes to whom: its own, and what earlier ones left."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.people: set[str] = set()
        self._path: Path | None = None
        self._file: TextIO | None = None

    def add(self, people: Iterable[str]) -> None:
        """Write people down before they become known. They are on the disk when this returns."""
        new = set(people) - self.people
        if not new:
            return
        self.people |= new
        if self._file is None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path = self.folder / f"{secrets.token_hex(8)}.ndjson"
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(descriptor, "w", encoding="utf-8")
            fcntl.flock(self._file, fcntl.LOCK_EX)
        self._file.writelines(json.dumps(person) + "\n" for person in sorted(new))
        self._file.flush()
        os.fsync(self._file.fileno())

    def take_over(self) -> None:
        """Owe what earlier pieces of work left: it stands in our note before theirs goes."""
        for path in sorted(self.folder.glob("*.ndjson")):
            with suppress(FileNotFoundError), path.open("r+", encoding="utf-8") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue  # its writer is at work, or it is ours
                self.add(_people(file.read()))
                path.unlink(missing_ok=True)

    def settle(self) -> None:
        """Everything has been caught up with; nothing is owed any more."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self.people = set()
        self.close()

    def close(self) -> None:
        """Let go of the note; unless it was settled, the next one takes it over."""
        if self._file is not None:
            self._file.close()
        self._file = self._path = None


@contextmanager
def note(home: Any) -> Iterator[Note]:
    """A note for one piece of work; what it leaves unsettled stays for the next."""
    own = Note(home.landed / FOLDER)
    try:
        yield own
    finally:
        own.close()


def _people(text: str) -> Iterator[str]:
    """The people of a note; a last line that was not written to its end speaks of nobody who became known."""
    for line in text.splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)
