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
from typing import IO, Any, BinaryIO

import orjson

from carewright.exchange.fhir import large
from carewright.exchange.fhir.large import Entries
from carewright.kernel.errors import BadInput

Resource = dict[str, Any]
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
AT_ONCE = 32 << 20
"""Files up to this size are read at once."""
LARGEST = 1 << 30
"""One resource, or one line, larger than this does not fit beside everything else; bundles and NDJSON have no such limit."""
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
        zipped = raw.peek(2)[:2] == GZIP
        try:
            if size <= AT_ONCE and not zipped:
                yield from _of_bytes(raw.read(), name)
            elif (found := _large(raw, zipped)) is not None:
                bundle, entries, file = found
                moving = _Moving(size, said)
                said = None
                with file:
                    yield Many(0, bundle, entries, moving.to)
                    moving.to(1.0)
            else:
                raw.seek(0)
                stream = gzip.GzipFile(fileobj=raw) if zipped else raw
                yield from _of_stream(stream, name, _moving(raw, said))  # type: ignore[arg-type]
                said = None
        except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
            yield _broken_gzip(name, broken)
    if said:
        said(size)


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


def _large(raw: BinaryIO, zipped: bool) -> tuple[Resource, Entries, IO[bytes]] | None:
    """The one large bundle a file is, and the file its entries are read from; None when it is anything else."""
    try:
        stream: IO[bytes] = gzip.GzipFile(fileobj=raw) if zipped else raw  # type: ignore[assignment]
        first = stream.readline(AT_ONCE + 1)
        if _reads(first.removeprefix(BOM)) or len(first) + len(stream.read(AT_ONCE + 1 - len(first))) <= AT_ONCE:
            return None  # lines, or small enough to be held
        raw.seek(0)
        file: IO[bytes] | None
        if zipped:
            file = large.unpacked(gzip.GzipFile(fileobj=raw), Path(raw.name).parent)
        else:
            file = os.fdopen(os.dup(raw.fileno()), "rb")
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return None  # what came before the break is read the ordinary way
    if file is None:
        return None
    found = large.entries_of(file, loads)
    if found is None:
        file.close()
        return None
    return *found, file


def _moving(raw: BinaryIO, said: Callable[[int], None] | None) -> Callable[[], None]:
    """Tells `said` how far the file on disk has been read."""
    before = 0

    def tell() -> None:
        nonlocal before
        now = raw.tell()
        if said and now > before:
            said(now - before)
            before = now

    return tell


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


def _of_stream(stream: BinaryIO, name: str, tell: Callable[[], None]) -> Iterator[Found]:
    """A large or gzipped file: its first line says whether it is lines or one document."""
    first = stream.readline(LARGEST).removeprefix(BOM)
    try:
        document = loads(first)
    except orjson.JSONDecodeError as wrong:
        rest = _until_broken(stream)
        data = first + rest.data
        tell()
        if rest.broken:
            # of lines those before the break read; of one document nothing does, and the break is the reason
            found = _of_lines(io.BytesIO(data[: data.rfind(b"\n") + 1]), name, wrong)
            yield from (each for each in found if not isinstance(each, WholeFile))
            raise rest.broken from None
        if len(data) > LARGEST:
            yield WholeFile(
                name, "more than 1 GB in one piece", "a bundle of resources, or bulk NDJSON, of any size",
                "Ask for it as bulk NDJSON, or in several bundles.",
            )  # fmt: skip
        else:
            yield from _of_bytes(data, name)
        return
    yield from _lines_after(document, stream, name, tell)


@dataclass
class _Rest:
    data: bytes
    broken: Exception | None = None


def _until_broken(stream: BinaryIO) -> _Rest:
    """The rest of a stream, as far as it reads."""
    parts = []
    size = 0
    try:
        while part := stream.read(1 << 20):
            parts.append(part)
            size += len(part)
            if size > LARGEST:
                break
    except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
        return _Rest(b"".join(parts), broken)
    return _Rest(b"".join(parts))


def _lines_after(document: Any, stream: BinaryIO, name: str, tell: Callable[[], None]) -> Iterator[Found]:
    """The first line read as JSON: alone it is the whole document, with more behind it the first of many lines."""
    number = 1
    many = False
    try:
        while line := stream.readline(LARGEST):  # a bound, because a packed line may unpack to anything
            number += 1
            if not line.strip():
                continue
            if not many:
                many = True
                yield _of_document(document, 1)
            yield _of_line(line, number, name)
            if number % 1000 == 0:
                tell()
    finally:
        tell()
    if not many:
        yield _of_document(document, 0)


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
