"""
Files of FHIR: what is a bundle, what is one resource, what is bulk NDJSON, and what is none of these.

A bundle is read whole, a large one (more than `AT_ONCE`) entry by entry (`large.py`), NDJSON line by line, each plain or
gzipped, with or without a byte order mark. Which of them a file is, its bytes say, not its name. What does not read is answered with `BadInput` and the
reading goes on, as far as there is anything left to read: after a gzip that breaks off, the lines before it are kept.
"""

import gzip
import io
import os
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Self

import orjson

from carewright.exchange.fhir import large
from carewright.exchange.fhir.large import Entries, NoBundle, NoRoom
from carewright.kernel.errors import BadInput

Resource = dict[str, Any]
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
AT_ONCE = 32 << 20
"""Files up to this size are read at once."""
RESOURCE_TYPE = re.compile(rb'"resourceType"\s*:\s*"[A-Z][A-Za-z]+"')
NULLS = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
OTHER_ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class WholeFile(BadInput):
    """A file of which nothing reads."""


@dataclass(frozen=True)
class Single:
    """A line of NDJSON, or a file that is one resource."""

    line: int
    resource: Any


@dataclass(frozen=True)
class Many:
    """
    A bundle: its entries in order. `line` is its own line in NDJSON, 0 when the bundle is the file.

    Of a large one `bundle` holds what stands around the entries, and `large` the entries; `passed` is told how much of
    it has been read, as a share.
    """

    line: int
    bundle: Resource
    large: Entries | None = None
    passed: Callable[[float], None] = lambda share: None


Found = Single | Many | BadInput


def looks_like_fhir(head: bytes) -> bool:
    """Whether the beginning of a file (already unpacked) is FHIR in JSON: an object that names its resource type."""
    start = head.removeprefix(BOM).lstrip()
    return start.startswith(b"{") and RESOURCE_TYPE.search(start) is not None


def read(path: Path, name: str, said: Callable[[int], None] | None = None) -> Iterator[Found]:
    """Everything in a file, in its order. `name` is what the file is called in sentences; `said` hears of bytes read."""
    with open(path, "rb") as raw:  # noqa: PTH123 (opened 10,000 times in one folder)
        size = os.fstat(raw.fileno()).st_size
        moving = _Moving(size, said)
        zipped = raw.peek(2)[:2] == GZIP
        try:
            if size <= AT_ONCE and not zipped:
                yield from _of_bytes(raw.read(), name)
            else:
                with _Text(raw, zipped=zipped) as text:
                    yield from _of_text(text, name, moving)
                    if text.broken:
                        raise text.broken
        except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
            yield _broken_gzip(name, broken)
        except NoRoom:
            yield WholeFile(
                name, "a packed file with more in it than the disk has room for",
                "room to unpack it: twice what it holds unpacked", "Make room on the disk, and send it again.",
            )  # fmt: skip
    moving.to(1.0)


class _Moving:
    """Tells `said` how many bytes of the file lie behind, from the share of it that does."""

    def __init__(self, size: int, said: Callable[[int], None] | None):
        self.size, self.said, self.before = size, said, 0

    def to(self, share: float) -> None:
        """So much of the file has been read."""
        now = int(self.size * share)
        if self.said and now > self.before:
            self.said(now - self.before)
            self.before = now


class _Text:
    """
    The unpacked text of a file, read forward; nobody asks for more of it at once than a line of `AT_ONCE`.

    `at_hand` gives it as a file in which one can go back and forth: of a packed one what it holds is written down
    first, in the same folder, in a file without a name. What broke a packed file off is `broken` then.
    """

    def __init__(self, raw: BinaryIO, *, zipped: bool):
        self.raw, self.zipped = raw, zipped
        self.folder = Path(raw.name).parent
        self.stream: IO[bytes] = gzip.GzipFile(fileobj=raw) if zipped else raw  # type: ignore[assignment]
        self.broken: Exception | None = None
        self.size = os.fstat(raw.fileno()).st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.stream is not self.raw:
            self.stream.close()

    def line(self) -> bytes:
        """The next line; of one that is too long only the beginning."""
        return self.stream.readline(AT_ONCE + 1)

    def at_hand(self) -> IO[bytes]:
        """The text as a file, at the place reached."""
        if self.zipped:
            place = self.stream.tell()
            self.raw.seek(0)
            self.stream, self.broken = large.unpacked(gzip.GzipFile(fileobj=self.raw), self.folder)
            self.size, self.zipped = os.fstat(self.stream.fileno()).st_size, False
            self.stream.seek(place)
        return self.stream

    def share(self) -> float:
        """How much of it lies behind."""
        return (self.raw.tell() if self.zipped else self.stream.tell()) / max(self.size, 1)


def _of_text(text: _Text, name: str, moving: _Moving) -> Iterator[Found]:
    """A large or packed file: lines when its first line reads, else one document, else lines after all."""
    first = text.line()
    if len(first) <= AT_ONCE:
        try:
            document = loads(first.removeprefix(BOM))
        except orjson.JSONDecodeError:
            pass
        else:
            yield from _lines_after(document, text, name, moving)
            return
        rest = _until_broken(text.stream, AT_ONCE + 1 - len(first))
        if len(first) + len(rest.data) <= AT_ONCE:
            yield from _all_of(first + rest.data, rest.broken, name)
            return
    file = text.at_hand()
    are_lines = False
    try:
        bundle, entries = large.entries_of(file, loads, text.folder)
    except NoBundle as why:
        no_bundle = why
    else:
        if large.is_blank(file, entries.ends):
            yield Many(0, bundle, entries, moving.to)
            return
        no_bundle, are_lines = NoBundle("something stands behind it"), len(first) > AT_ONCE
    file.seek(0)
    if text.size <= large.LARGEST:
        yield from _all_of(file.read(), text.broken, name)
    elif are_lines or _are_lines(text):
        file.seek(0)
        yield from _lines(text, name, moving)
    elif not text.broken:
        yield _too_large(name, no_bundle)


def _too_large(name: str, why: NoBundle, line: int = 0) -> BadInput:
    return (BadInput if line else WholeFile)(
        f"{name} line {line}" if line else name,
        f"more than {large.LARGEST >> 20} MB in one piece, which does not read as a bundle: {why}",
        "a bundle of resources, or bulk NDJSON, of any size", "Ask for it again, as bulk NDJSON or in several bundles.",
    )  # fmt: skip


def loads(data: bytes) -> Any:
    """JSON, without the null character: no database keeps it in text, and it means nothing there."""
    if b"\\u0000" in data:
        data = NULLS.sub(rb"\1", data)
    return orjson.loads(data)


def _of_bytes(data: bytes, name: str) -> Iterator[Found]:
    """A file held in memory: most often one document, else lines."""
    data = data.removeprefix(BOM)
    try:
        document = loads(data)
    except orjson.JSONDecodeError as wrong:
        yield from _of_lines(io.BytesIO(data), name, wrong)
        return
    yield _of_document(document, 0)


def _all_of(data: bytes, broken: Exception | None, name: str) -> Iterator[Found]:
    """What a packed file held in memory says; of one that broke off the whole lines, if it is lines."""
    if not broken:
        yield from _of_bytes(data, name)
        return
    # of lines those before the break read; of one document nothing does, and the break is the reason
    found = _of_bytes(data[: data.rfind(b"\n") + 1], name)
    yield from (each for each in found if not isinstance(each, WholeFile))
    raise broken from None


@dataclass
class _Rest:
    data: bytes
    broken: Exception | None = None


def _until_broken(stream: IO[bytes], most: int) -> _Rest:
    """So much of a stream, as far as it reads."""
    parts = []
    try:
        while most > 0 and (part := stream.read(min(most, 1 << 20))):
            parts.append(part)
            most -= len(part)
    except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
        return _Rest(b"".join(parts), broken)
    return _Rest(b"".join(parts))


def _lines_after(document: Any, text: _Text, name: str, moving: _Moving) -> Iterator[Found]:
    """The first line read as JSON: alone it is the whole document, with more behind it the first of many lines."""
    blank = 0
    line = b""
    try:
        while (line := text.line()) and not line.strip():
            blank += 1
    finally:  # also when a packed file breaks off here
        yield _of_document(document, 1 if line else 0)
    if line:
        yield from _lines(text, name, moving, number=1 + blank, line=line)


def _lines(text: _Text, name: str, moving: _Moving, *, number: int = 0, line: bytes = b"") -> Iterator[Found]:
    """Lines, each a resource or a bundle; `line` is the next of them when it has been taken already."""
    while line := line or text.line():
        number += 1
        if len(line) > AT_ONCE:
            yield from _long_line(len(line), number, text, name, moving)
        elif line.strip():
            yield _of_line(line.removeprefix(BOM) if number == 1 else line, number, name)
        if number % 1000 == 0:
            moving.to(text.share())
        line = b""


def _long_line(taken: int, number: int, text: _Text, name: str, moving: _Moving) -> Iterator[Found]:
    """A line too long to hold: a bundle, entry by entry; or one resource of up to `large.LARGEST`."""
    file = text.at_hand()
    begins = file.tell() - taken
    try:
        bundle, entries = large.entries_of(file, loads, text.folder, begins)
        file.seek(entries.ends)
        if text.line().strip():
            raise NoBundle("something stands behind it")
    except NoBundle as why:
        file.seek(begins)
        line = file.readline(large.LARGEST + 1)
        if len(line) <= large.LARGEST:
            yield _of_line(line, number, name)
            return
        while (more := text.line()) and not more.endswith(b"\n"):
            pass
        yield _too_large(name, why, number)
        return
    after, before, share = file.tell(), begins / text.size, (entries.ends - begins) / text.size
    yield Many(number, bundle, entries, lambda passed: moving.to(before + share * passed))
    file.seek(after)


def _are_lines(text: _Text) -> bool:
    """Whether any of the first lines reads."""
    tried = 0
    while tried < 50 and (line := text.line()):
        if line.strip() and len(line) <= AT_ONCE:
            tried += 1
            if _reads(line):
                return True
    return False


def _of_lines(stream: BinaryIO, name: str, wrong: orjson.JSONDecodeError) -> Iterator[Found]:
    """A file that is no single document: lines, if any of the first lines reads; else nothing of it reads."""
    lines = stream.readlines()
    tried = [line for line in lines[:50] if line.strip()]
    if len(tried) < 2 or not any(_reads(line) for line in tried):
        yield _whole(name, b"".join(lines[:1]), wrong)
        return
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _of_line(line, number, name)


def _reads(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _of_line(line: bytes, number: int, name: str) -> Found:
    try:
        return _of_document(loads(line), number)
    except orjson.JSONDecodeError as wrong:
        return BadInput(
            f"{name} line {number}", _shown(line), "one FHIR resource as JSON on the line",
            f"The JSON breaks off or is mistaken there ({_reason(wrong)}); ask for the line again.",
        )  # fmt: skip


def _of_document(document: Any, line: int) -> Found:
    if isinstance(document, dict) and document.get("resourceType") == "Bundle":
        return Many(line, document)
    return Single(line or 1, document)


def _whole(name: str, data: bytes, wrong: orjson.JSONDecodeError) -> WholeFile:
    """Why nothing of a file reads, as exactly as the bytes allow."""
    if data.lstrip()[:1] == b"<":
        return WholeFile(name, "XML", "FHIR in JSON", "Ask for the same in JSON (Accept: application/fhir+json).")
    encoding = OTHER_ENCODINGS.get(data[:2])
    if encoding or b"\x00" in data[:200]:
        return WholeFile(name, f"text in {encoding or 'UTF-16'}", "JSON in UTF-8", "Save or export it as UTF-8.")
    if not data.strip():
        return WholeFile(name, "an empty file", "a FHIR bundle, resource or NDJSON", "Ask for the file again.")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as bad:
        if bad.end < len(data):
            return WholeFile(
                name, f"the byte {data[bad.start]:#04x} at {bad.start}, which UTF-8 does not have", "JSON in UTF-8",
                "Save or export it as UTF-8.",
            )  # fmt: skip
    return WholeFile(
        name, _shown(data), "a FHIR bundle, one resource, or NDJSON",
        f"The JSON breaks off or is mistaken ({_reason(wrong)}); ask for the file again.",
    )  # fmt: skip


def _broken_gzip(name: str, broken: Exception) -> WholeFile:
    ended = isinstance(broken, EOFError)
    return WholeFile(
        name, "a gzip file that ends too early" if ended else f"a damaged gzip file ({broken})", "a whole gzip file",
        "What came before the break was read; ask for the file again.",
    )  # fmt: skip


def _reason(wrong: orjson.JSONDecodeError) -> str:
    if "surrogates" in wrong.msg:  # so the reader of JSON says it of bytes that are no UTF-8
        return "a character of it is cut in two or is no UTF-8"
    return f"{wrong.msg}, line {wrong.lineno} column {wrong.colno}"


def _shown(data: bytes) -> str:
    """The beginning of what was found, for a sentence: never more than a few words, which may be about a person."""
    text = data[:24].decode("utf-8", errors="replace").strip()
    return f"{text}…" if len(data) > 24 else text
