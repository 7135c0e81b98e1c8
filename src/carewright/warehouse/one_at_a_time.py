"""
One run at a time in a home: who is at work, and since when.

The lock is the kernel's, on a file of the warehouse: it goes with the process that holds it, however that one ends. The
file says who holds it; what it says counts only while somebody does.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TextIO

FILE = "_at_work"


class HasWarehouse(Protocol):
    """What the lock needs of a home: where its runs go."""

    @property
    def warehouse(self) -> Path: ...


@dataclass(frozen=True)
class AtWork:
    """The run that is being made: whose it is, in which process, and since when; what is not known is empty."""

    who: str = ""
    process: int | None = None
    since: datetime | None = None


class OneIsAtWork(Exception):  # noqa: N818 - a word of the house
    """Another run is being made in this home."""

    def __init__(self, other: AtWork):
        super().__init__(other)
        self.other = other


@contextmanager
def alone(
    home: HasWarehouse, *, who: str, at: datetime, waits: Callable[[AtWork], object] | None = None
) -> Iterator[None]:
    """
    Hold the home's warehouse for one run. Raises `OneIsAtWork` when another run holds it.

    With `waits`, that is told who is at work, once, and then the other run is waited for.
    """
    home.warehouse.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home.warehouse / FILE).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waits is None:
                raise OneIsAtWork(_said(file)) from None
            waits(_said(file))
            fcntl.flock(file, fcntl.LOCK_EX)
        _say(file, {"who": who, "process": os.getpid(), "since": at.isoformat()})
        try:
            yield
        finally:
            _say(file, {})


def _say(file: TextIO, words: dict) -> None:
    file.seek(0)
    file.truncate()
    file.write(json.dumps(words))
    file.flush()


def _said(file: TextIO) -> AtWork:
    file.seek(0)
    try:
        words = json.loads(file.read())
        return AtWork(words["who"], words["process"], datetime.fromisoformat(words["since"]))
    except (ValueError, KeyError, TypeError):  # it has just begun, or is just ending
        return AtWork()
