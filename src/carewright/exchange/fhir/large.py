"""
A bundle too large to hold in memory: where each of its entries stands, so that they are read one by one.

The file is looked through once for strings and brackets, which is all it takes to tell where an entry begins and ends.
Nothing is understood here. A file that is anything else than
one bundle with objects for entries is not ours (`entries_of` answers None), and is read the ordinary way.
"""

import gzip
import os
import re
import shutil
import tempfile
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import orjson

WINDOW = 4 << 20
LONGEST_STRING = 512 << 20
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[\]{}]', re.DOTALL)
"""A string (its end missing where the window ends in it), or a bracket."""
BETWEEN = re.compile(rb"\s*,\s*")
HEAD_AND_TAIL = 64 << 20
"""What may stand around the entries; it is held in memory."""


@dataclass
class Entries:
    """The entries of a large bundle, in their order, each parsed when it is asked for."""

    fd: int
    loads: Callable[[bytes], Any]
    size: int
    starts: array = field(default_factory=lambda: array("Q"))
    ends: array = field(default_factory=lambda: array("Q"))

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, position: int) -> Any:
        start, end = self.starts[position], self.ends[position]
        return self.loads(_bytes(self.fd, start, end))

    def __iter__(self) -> Iterator[Any]:
        return (self[position] for position in range(len(self)))

    def share(self, position: int) -> float:
        """How much of the bundle lies before this entry."""
        return self.starts[position] / self.size


class Lazily:
    """A directory of a large bundle: it knows where a resource stands, and reads it when somebody asks."""

    def __init__(self, places: dict[Any, int], resource: Callable[[int], Any]):
        self._places, self._resource = places, resource

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._places)

    def __getitem__(self, key: Any) -> Any:
        return self._resource(self._places[key])

    def get(self, key: Any, default: Any = None) -> Any:
        """The resource of this name, or the default."""
        place = self._places.get(key)
        return default if place is None else self._resource(place)


def remembering(resource: Callable[[int], Any]) -> Callable[[int], Any]:
    """The same, remembering the resources that were asked for last: many point at the same few."""
    return lru_cache(maxsize=512)(resource)


def entries_of(file: IO[bytes], loads: Callable[[bytes], Any]) -> tuple[dict[str, Any], Entries] | None:
    """
    What stands around the entries of a bundle, and the entries; None when the file is no such bundle.

    Every entry has been found when this returns, and is known to be JSON: what is understood of a bundle is understood
    of all of it, or nothing is.
    """
    fd = file.fileno()
    entries = Entries(fd, loads, os.fstat(fd).st_size)
    around = _look_through(fd, entries)
    if around is None:
        return None
    begins, ends = around
    if begins + entries.size - ends > HEAD_AND_TAIL:
        return None
    head = _bytes(fd, 0, begins).removeprefix(b"\xef\xbb\xbf")
    try:
        bundle = loads(head + _bytes(fd, ends, entries.size))
        for _ in entries:
            pass
    except orjson.JSONDecodeError:
        return None
    return (bundle, entries) if isinstance(bundle, dict) and bundle.get("resourceType") == "Bundle" else None


def _look_through(fd: int, entries: Entries) -> tuple[int, int] | None:
    """Fill in where the entries stand; answers where their list begins (behind its bracket) and where it ends."""
    depth, inside, key = 0, False, b""
    begins = ends = before = -1
    is_closed = False
    base, held = 0, b""
    while piece := os.pread(fd, WINDOW, base + len(held)):
        window = held + piece
        cut = len(window)
        if begins < 0 and base > HEAD_AND_TAIL:
            return None
        for match in TOKEN.finditer(window):
            if is_closed:
                return None  # something stands behind the bundle: it is a line among lines
            token = window[match.start()]
            if token == 0x22:  # a string
                if not match[1]:
                    cut = match.start()
                    break
                if depth == 1:
                    key = match[0] if match.end() - match.start() < 10 else b""
                elif inside and depth == 2:
                    return None
            elif token in b"{[":
                depth += 1
                if inside and depth == 3:
                    place = base + match.start()
                    if token != 0x7B or not _is_between(fd, before, place, is_first=before == begins):
                        return None
                    entries.starts.append(place)
                elif depth == 2 and token == 0x5B and key == b'"entry"':
                    if begins >= 0:
                        return None  # a second list of the same name
                    inside, begins = True, base + match.end()
                    before = begins
            else:
                depth -= 1
                if inside and depth == 2:
                    before = base + match.end()
                    entries.ends.append(before)
                elif inside and depth == 1:
                    inside, ends = False, base + match.start()
                    if _bytes(fd, before, ends).strip():
                        return None
                is_closed = depth <= 0
        held = window[cut:]
        base += cut
        if len(held) > LONGEST_STRING:
            return None
    return (begins, ends) if depth == 0 and not held and ends >= 0 and len(entries) else None


def _is_between(fd: int, before: int, place: int, *, is_first: bool) -> bool:
    """Whether nothing but a comma (before the first entry: nothing) stands between one entry and the next."""
    if place - before > WINDOW:
        return False
    found = _bytes(fd, before, place)
    return not found.strip() if is_first else BETWEEN.fullmatch(found) is not None


def _bytes(fd: int, start: int, end: int) -> bytes:
    """The bytes of a file from one place to another, however many reads that takes."""
    parts = []
    while start < end and (part := os.pread(fd, end - start, start)):
        parts.append(part)
        start += len(part)
    return b"".join(parts)


def unpacked(stream: gzip.GzipFile, folder: Path) -> IO[bytes] | None:
    """A packed file's text in a nameless file that goes when it is closed; None when the disk has no room for it."""
    room = shutil.disk_usage(folder).free // 2
    copy = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (the caller closes it)
    try:
        while part := stream.read(1 << 20):
            copy.write(part)
            if copy.tell() > room:
                copy.close()
                return None
        copy.flush()
        return copy
    except BaseException:
        copy.close()
        raise
