"""
Rows that did not read, as a file the sender can act on: their own columns, with the line, what is wrong, how to mend it.

A spreadsheet runs a cell that begins with =, +, - or @ as a formula; such a cell gets an apostrophe in front
(`plumbing.exports`), unless it is a plain number. Social security numbers are left out.
"""

import csv
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, TextIO

from carewright.plumbing import exports

OURS = ("line", "problem", "mend")
NUMBER = re.compile(r"^[+-]?[0-9]*\.?[0-9]*$")
NEVER = re.compile(r"^(ssn|social.?security.*)$", re.IGNORECASE)


class HasSetAside(Protocol):
    """A home, as far as rows set aside are concerned."""

    @property
    def set_aside(self) -> Path: ...


def safe(cell: object) -> str:
    """A cell that no spreadsheet will run."""
    written = "" if cell is None else str(cell)
    return written if NUMBER.match(written) else exports.safe(written)


class Writer:
    """Writes `set_aside/<delivery>.csv`, a row at a time; the file appears when it is closed, and only if it has rows."""

    def __init__(self, home: HasSetAside, delivery_id: str, columns: Sequence[str]):
        home.set_aside.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = home.set_aside / f"{delivery_id}.csv"
        self._unfinished = home.set_aside / f".{delivery_id}.{os.getpid()}"
        self._columns = columns
        self._hidden = [bool(NEVER.match(column.strip())) for column in columns]
        self._file: TextIO | None = None
        self._csv: Any = None
        self.rows = 0

    def add(self, line: int, problem: str, mend: str, values: Sequence[object]) -> None:
        if self._file is None:
            self._file = self._unfinished.open("w", encoding="utf-8-sig", newline="")
            self._unfinished.chmod(0o600)
            self._csv = csv.writer(self._file)
            self._csv.writerow([*OURS, *map(safe, self._columns)])
        shown = [
            "" if number < len(self._hidden) and self._hidden[number] else safe(value)
            for number, value in enumerate(values)
        ]
        self._csv.writerow([line, safe(problem), safe(mend), *shown])
        self.rows += 1

    def go_on_from(self, finished: Path | None) -> None:
        """Begin with the rows of a file that was finished before, so that more can be added."""
        if finished is None:
            return
        self._unfinished.write_bytes(finished.read_bytes())
        self._unfinished.chmod(0o600)
        self._file = self._unfinished.open("a", encoding="utf-8", newline="")
        self._csv = csv.writer(self._file)

    def close(self) -> Path | None:
        """The finished file, or None when nothing was set aside."""
        if self._file is None:
            self.path.unlink(missing_ok=True)
            return None
        self._file.close()
        self._unfinished.replace(self.path)
        return self.path

    def abandon(self) -> None:
        if self._file is not None:
            self._file.close()
        self._unfinished.unlink(missing_ok=True)


def write(
    home: HasSetAside, delivery_id: str, columns: Sequence[str], rows: Iterable[tuple[int, str, str, Sequence[object]]]
) -> Path | None:
    """Write all rows set aside of one delivery: each is (line, problem, mend, original values)."""
    writer = Writer(home, delivery_id, columns)
    try:
        for line, problem, mend, values in rows:
            writer.add(line, problem, mend, values)
        return writer.close()
    finally:
        writer.abandon()
