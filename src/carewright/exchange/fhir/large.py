"""
A bundle too large to hold in memory: where each of its entries stands, so that they are read one by one.

The file is looked through once for strings and brackets, which is all it takes to tell where an entry begins and ends.
Nothing is understood here. What is anything else than one bundle with objects for entries is not ours (`NoBundle` says
why), and is read the ordinary way.
"""

import gzip
import os
import re
import shutil
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import orjson

from carewright.exchange.fhir.roomy import RoomyDict

WINDOW = 4 << 20
LARGEST = 128 << 20
"""One resource (or one text in it) larger than this does not fit beside everything else."""
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[\]{}]', re.DOTALL)
"""A string (its end missing where the window ends in it), or a bracket."""
BETWEEN = re.compile(rb"\s*,\s*")
HEAD_AND_TAIL = 64 << 20
"""What may stand around the entries; it is held in memory."""
REMEMBERED = 512
"""So many of the resources others pointed at last are held."""
PLACE = struct.Struct("QQ")


class NoBundle(Exception):  # noqa: N818 (no fault: the file is read in another way)
    """Why this is no bundle that can be read entry by entry."""


class Entries:
    """
    The entries of a large bundle, in their order, each parsed when it is asked for.

    Where they stand is a nameless file of `folder`. The bundle's text begins at `begins` of the file and ends at `ends`.
    """

    def __init__(self, fd: int, loads: Callable[[bytes], Any], folder: Path, begins: int = 0):
        self.fd, self.loads, self.folder, self.begins, self.ends = fd, loads, folder, begins, begins
        self._places = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (it goes with us)
        self._count = 0

    def stands(self, start: int, end: int) -> None:
        """The next entry stands there."""
        self._places.write(PLACE.pack(start, end))
        self._count += 1

    def are_all(self, ends: int) -> None:
        """There are no more, and the bundle ends there."""
        self._places.flush()
        self.ends = ends

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, position: int) -> Any:
        return self.loads(_bytes(self.fd, *self._place(position)))

    def __iter__(self) -> Iterator[Any]:
        return (self[position] for position in range(len(self)))

    def size(self, position: int) -> int:
        """How many bytes an entry has."""
        start, end = self._place(position)
        return end - start

    def share(self, position: int) -> float:
        """How much of the bundle lies before this entry."""
        return (self._place(position)[0] - self.begins) / (self.ends - self.begins)

    def _place(self, position: int) -> tuple[int, int]:
        return PLACE.unpack(os.pread(self._places.fileno(), PLACE.size, position * PLACE.size))  # type: ignore[return-value]


class Lazily:
    """A directory of a large bundle: it knows where a resource stands, and reads it when somebody asks."""

    def __init__(self, places: RoomyDict, resource: Callable[[int], Any]):
        self._places, self._resource = places, resource

    def __len__(self) -> int:
        return len(self._places)

    def __bool__(self) -> bool:
        return True

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
    return lru_cache(maxsize=REMEMBERED)(resource)


def entries_of(
    file: IO[bytes], loads: Callable[[bytes], Any], folder: Path, begins: int = 0
) -> tuple[dict[str, Any], Entries]:
    """
    What stands around the entries of the bundle that begins there, and the entries; `NoBundle` when none does.

    Every entry has been found when this returns, and is known to be JSON: what is understood of a bundle is understood
    of all of it, or nothing is.
    """
    fd = file.fileno()
    entries = Entries(fd, loads, folder, begins)
    head, tail = _look_through(fd, entries, begins)
    if head - begins + entries.ends - tail > HEAD_AND_TAIL:
        raise NoBundle("too much stands around its entries")
    around = _bytes(fd, begins, head).removeprefix(b"\xef\xbb\xbf") + _bytes(fd, tail, entries.ends)
    try:
        bundle = loads(around)
    except orjson.JSONDecodeError as wrong:
        raise NoBundle(f"what stands around its entries is no JSON ({wrong.msg})") from None
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise NoBundle("it is no Bundle")
    for position in range(len(entries)):
        try:
            if entries.size(position) > LARGEST:
                raise NoBundle(f"its entry {position + 1:,} is larger than {LARGEST >> 20} MB")
            entries[position]
        except orjson.JSONDecodeError as wrong:
            raise NoBundle(f"its entry {position + 1:,} is no JSON ({wrong.msg})") from None
    return bundle, entries


def _look_through(fd: int, entries: Entries, base: int) -> tuple[int, int]:
    """Fill in where the entries stand; answers where their list begins (behind its bracket) and where it ends."""
    depth, inside, key = 0, False, b""
    begins = ends = before = start = -1
    first, held = base, b""
    while piece := os.pread(fd, WINDOW, base + len(held)):
        window = held + piece
        cut = len(window)
        if begins < 0 and base - first > HEAD_AND_TAIL:
            raise NoBundle("it has no list of entries")
        for match in TOKEN.finditer(window):
            token = window[match.start()]
            if token == 0x22:  # a string
                if not match[1]:
                    cut = match.start()
                    break
                if depth == 1:
                    key = match[0] if match.end() - match.start() < 10 else b""
                elif inside and depth == 2:
                    raise NoBundle("a word stands among its entries")
            elif token in b"{[":
                depth += 1
                if inside and depth == 3:
                    start = base + match.start()
                    if token != 0x7B or not _is_between(fd, before, start, is_first=before == begins):
                        raise NoBundle("something else than objects with commas stands among its entries")
                elif depth == 2 and token == 0x5B and key == b'"entry"':
                    if begins >= 0:
                        raise NoBundle("it has two lists of entries")
                    inside, begins = True, base + match.end()
                    before = begins
            else:
                depth -= 1
                if inside and depth == 2:
                    before = base + match.end()
                    entries.stands(start, before)
                elif inside and depth == 1:
                    inside, ends = False, base + match.start()
                    if _bytes(fd, before, ends).strip():
                        raise NoBundle("something else than objects with commas stands among its entries")
                if depth <= 0:
                    if ends < 0 or not len(entries):
                        raise NoBundle("it has no list of entries")
                    entries.are_all(base + match.end())
                    return begins, ends
        held = window[cut:]
        base += cut
        if len(held) > LARGEST:
            raise NoBundle(f"a text in it is longer than {LARGEST >> 20} MB")
    raise NoBundle("it breaks off before its end")


def _is_between(fd: int, before: int, place: int, *, is_first: bool) -> bool:
    """Whether nothing but a comma (before the first entry: nothing) stands between one entry and the next."""
    if place - before > WINDOW:
        return False
    found = _bytes(fd, before, place)
    return not found.strip() if is_first else BETWEEN.fullmatch(found) is not None


def is_blank(file: IO[bytes], place: int) -> bool:
    """Whether nothing but space stands from there to the end of the file."""
    while part := os.pread(file.fileno(), WINDOW, place):
        if part.strip():
            return False
        place += len(part)
    return True


def _bytes(fd: int, start: int, end: int) -> bytes:
    """The bytes of a file from one place to another, however many reads that takes."""
    parts = []
    while start < end and (part := os.pread(fd, end - start, start)):
        parts.append(part)
        start += len(part)
    return b"".join(parts)


class NoRoom(Exception):  # noqa: N818
    """The disk has no room for what a packed file holds."""


def unpacked(stream: gzip.GzipFile, folder: Path) -> tuple[IO[bytes], Exception | None]:
    """
    A packed file's text in a nameless file that goes when it is closed, and what broke it off.

    Of a packed file that breaks off the whole lines before that are there. `NoRoom` when it would take more than half
    of what is free on the disk.
    """
    room = shutil.disk_usage(folder).free // 2
    copy = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (the caller closes it)
    broken: Exception | None = None
    whole_lines = 0
    try:
        while part := stream.read1(1 << 20):
            if (newline := part.rfind(b"\n")) >= 0:
                whole_lines = copy.tell() + newline + 1
            copy.write(part)
            if copy.tell() > room:
                raise NoRoom
    except (EOFError, zlib.error, gzip.BadGzipFile) as found:
        broken = found
        copy.truncate(whole_lines)
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return copy, broken
