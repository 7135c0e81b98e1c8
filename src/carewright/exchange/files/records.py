"""
A CSV file as chunks of records, each record with the line it begins on.

Fast where the file is plain, careful where it is not: line breaks within quotation marks, rows with too many or too
few fields, a quotation mark that is never closed, NUL bytes and text that is not UTF-8 each keep their line number,
and never shift the rows around them.
"""

import csv
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from carewright.exchange.files.opening import Beginning, damaged, refused, stream

CHUNK = 16 * 1024 * 1024
LONGEST_RECORD = 200  # lines; a longer one is a quotation mark that was never closed
NOTHING = ("", "NULL", "\\N")
"""What an empty field is written as: databases write NULL or \\N where there is nothing."""
DELIMITERS = (",", "|", ";", "\t")
LONGEST_FIELD = 4 * 1024 * 1024
LONGEST_LINE = 8 * 1024 * 1024
"""Bytes without a line break that no table has; such a file is refused before the rest of it is unpacked."""

Source = io.BufferedIOBase | io.RawIOBase
WRONG_FIELDS, NUL_BYTE, OPEN_QUOTE, NOT_TEXT, TOO_LONG = "fields", "nul", "quote", "text", "long"
HEADER_AGAIN = "header"
BOM = "\ufeff"


@dataclass(frozen=True)
class Header:
    """The first record of a file: its names as written, how they are separated, and where the rows begin."""

    names: tuple[str, ...]
    delimiter: str
    bytes: int
    """How many bytes of the stream it takes."""
    lines: int
    old_mac: bool = False
    """Whether lines end with a carriage return alone."""


@dataclass(frozen=True)
class Broken:
    """A record that is not a row: the line it begins on, what is wrong, its fields as far as they can be told."""

    line: int
    what: str
    fields: tuple[str, ...]


@dataclass
class Chunk:
    """Some rows of a file: a table of text columns `r0, r1, …`, the line of each row, and what is no row."""

    table: pa.Table
    lines: np.ndarray
    broken: list[Broken] = field(default_factory=list)
    rewritten: list[int] = field(default_factory=list)
    """Lines that were not UTF-8 and were read as Windows-1252."""
    spaced: bool = True
    """Whether any field may have spaces around it."""
    bytes: int = 0


def read_header(beginning: Beginning) -> Header | None:
    """The header of a text file, or None when its first line is not one: fewer than two names, or none readable."""
    data = beginning.data.replace(b"\r\n", b"\n")
    shorter = len(beginning.data) - len(data)
    old_mac = b"\n" not in data and b"\r" in data
    if old_mac:
        data = data.replace(b"\r", b"\n")
    first = data.split(b"\n", 1)[0]
    if not first.strip() or b"\0" in first:
        return None
    text = data.decode("utf-8", errors="replace")
    line = first.decode("utf-8", errors="replace")
    delimiter = max(DELIMITERS, key=line.count)
    if not line.count(delimiter):
        return None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = next(reader)
    except (csv.Error, StopIteration):
        return None
    if reader.line_num > 20:
        return None
    taken = len("".join(text.splitlines(keepends=True)[: reader.line_num]).encode())
    if shorter:
        taken += reader.line_num
    return Header(
        tuple(name.strip() for name in names), delimiter, min(taken, len(beginning.data)), reader.line_num, old_mac
    )


def chunks(path: Path, name: str, beginning: Beginning, header: Header, size: int = CHUNK) -> Iterator[Chunk]:
    """
    Every record after the header, a chunk at a time; memory does not grow with the file.

    Raises `BadInput` when a packed file breaks off, or when a line is longer than that of any table.
    """
    file = stream(path, beginning)
    try:
        for chunk in _chunks(file, header, size):
            _take_out(chunk, _headers_again(chunk, header), HEADER_AGAIN)
            yield chunk
    except _EndlessLine as endless:
        raise refused(
            f"{name} line {endless.line}", f"more than {LONGEST_LINE >> 20} MB without a line break",
            "rows of a table, one on each line",
            "Nothing of it was read. The file is damaged, or is no table; ask the sender to send it again.",
        ) from None  # fmt: skip
    except (EOFError, zlib.error, OSError) as error:
        if beginning.packed:
            raise damaged(name) from error
        raise
    finally:
        file.close()


class _EndlessLine(Exception):  # noqa: N818 (it names what the file holds)
    """A line that goes on beyond any table's; `line` is its number."""

    def __init__(self, line: int):
        super().__init__(line)
        self.line = line


def _chunks(file: Source, header: Header, size: int) -> Iterator[Chunk]:
    _exactly(file, header.bytes)
    line, carry = header.lines + 1, b""
    while True:
        data = _exactly(file, size)
        last = len(data) < size
        data = carry + (data.replace(b"\r", b"\n") if header.old_mac else data)
        if not data:
            return
        if len(data) - (data.rfind(b"\n") + 1) > LONGEST_LINE:
            raise _EndlessLine(line + data.count(b"\n"))
        if last and not data.endswith(b"\n"):
            data += b"\n"
        ends, quoted_breaks, sound = _record_ends(data, header.delimiter)
        whole = int(ends[-1]) + 1 if len(ends) else 0
        if not sound:
            # A stray quotation mark: from here on only the careful reading can say where a record ends.
            yield from _carefully(_Joined(data, file), header, line, size)
            return
        if last and whole < len(data):
            # A quotation mark is open at the end of the file: only the careful reading can say where it began.
            yield from _carefully(io.BytesIO(data), header, line, size)
            return
        if not whole:
            if len(data) > 4 * size:
                yield from _carefully(_Joined(data, file), header, line, size)
                return
            carry = data
            continue
        block, carry = data[:whole], data[whole:]
        block, rewritten, undecodable = _as_utf8(block, line)
        if rewritten or undecodable:
            ends, quoted_breaks, _ = _record_ends(block, header.delimiter)
        chunk = _quickly(block, ends, quoted_breaks, header, line)
        if chunk is None:
            # The parser counts other records than we do. From here on, carefully.
            yield from _carefully(_Joined(block + carry, file), header, line, size)
            return
        chunk.rewritten = rewritten
        _take_out(chunk, undecodable, NOT_TEXT)
        yield chunk
        line += block.count(b"\n")
        if last:
            return


def _exactly(file: Source, size: int) -> bytes:
    """`size` bytes, or all that are left."""
    parts, wanted = [], size
    while wanted > 0:
        data = file.read(wanted)
        if not data:
            break
        parts.append(data)
        wanted -= len(data)
    return b"".join(parts)


def _record_ends(data: bytes, delimiter: str) -> tuple[np.ndarray, bool, bool]:
    """
    Where each record ends: the positions of line breaks outside quotation marks; whether any stand inside; and whether
    every quotation mark stands where one may (it opens after a delimiter or a line break, and closes before one).
    """
    array = np.frombuffer(data, np.uint8)
    breaks = np.flatnonzero(array == 10)
    if b'"' not in data:
        return breaks, False, True
    quotes = np.flatnonzero(array == 34)
    outside = breaks[(np.searchsorted(quotes, breaks) & 1) == 0]
    around = np.zeros(256, bool)
    around[[10, 34, ord(delimiter)]] = True
    opening, closing = quotes[0::2], quotes[1::2]
    before = array[opening[opening > 0] - 1]
    after = array[closing[closing < len(array) - 1] + 1]
    sound = bool(around[before].all() and (around[after] | (after == 13)).all())
    return outside, len(outside) != len(breaks), sound


def _quickly(block: bytes, ends: np.ndarray, quoted_breaks: bool, header: Header, line: int) -> Chunk | None:
    """Parse a block whose records are known; None when the parser counts other records than we do."""
    if len(ends) and int(np.diff(ends, prepend=-1).max()) > LONGEST_FIELD:
        return None  # some field may be too long for any column: which, only the careful reading can say
    if b'"' not in block and b"\n\n" not in block and b"\n\r\n" not in block and block[:1] not in b"\r\n":
        first_lines = np.arange(len(ends), dtype=np.int64) + line
    else:
        starts = np.concatenate(([0], ends[:-1] + 1))
        lengths = ends - starts
        array = np.frombuffer(block, np.uint8)
        blank = (lengths == 0) | ((lengths == 1) & (array[starts] == 13))
        if quoted_breaks:
            breaks = np.flatnonzero(array == 10)
            first_lines = np.concatenate(([0], np.searchsorted(breaks, ends[:-1]) + 1)) + line
        else:
            first_lines = np.arange(len(ends), dtype=np.int64) + line
        ends, first_lines = ends[~blank], first_lines[~blank].astype(np.int64)
    if not len(ends):
        return Chunk(_no_rows(header), np.zeros(0, np.int64), bytes=len(block))

    wrong: list[tuple[int, str]] = []

    def set_aside(row: pa_csv.InvalidRow) -> str:
        wrong.append((row.number, row.text))
        return "skip"

    nul_records = _records_with(block, b"\0", ends) if b"\0" in block else np.zeros(0, np.int64)
    try:
        table = _parse(block.replace(b"\0", b"?") if len(nul_records) else block, header, quoted_breaks, set_aside)
    except pa.ArrowInvalid:
        return None
    if table.num_rows + len(wrong) != len(ends):
        return None
    broken_records = np.array([number - 1 for number, _ in wrong], dtype=np.int64)
    lines = np.delete(first_lines, broken_records) if len(wrong) else first_lines
    chunk = Chunk(table, lines, spaced=_spaced(block, header.delimiter), bytes=len(block))
    for number, text in wrong:
        fields = next(csv.reader([text], delimiter=header.delimiter), [])
        chunk.broken.append(Broken(int(first_lines[number - 1]), WRONG_FIELDS, tuple(fields)))
    _take_out(chunk, set(first_lines[nul_records].tolist()), NUL_BYTE)
    return chunk


def _records_with(block: bytes, what: bytes, ends: np.ndarray) -> np.ndarray:
    positions = np.flatnonzero(np.frombuffer(block, np.uint8) == what[0])
    return np.unique(np.searchsorted(ends, positions))


def _take_out(chunk: Chunk, lines: set[int], what: str) -> None:
    """Move rows that begin on one of these lines from the table to what is broken."""
    if not lines:
        return
    out = np.isin(chunk.lines, np.fromiter(lines, np.int64))
    for position in np.flatnonzero(out):
        fields = [column[int(position)].as_py() or "" for column in chunk.table.columns]
        chunk.broken.append(Broken(int(chunk.lines[position]), what, tuple(fields)))
    chunk.table = chunk.table.filter(pa.array(~out))
    chunk.lines = chunk.lines[~out]


def _headers_again(chunk: Chunk, header: Header) -> set[int]:
    """The lines that say the header once more, as where files were joined."""
    alike = pc.is_in(chunk.table["r0"], pa.array([header.names[0], BOM + header.names[0]]))
    if not pc.any(alike).as_py():
        return set()
    rows = chunk.table.filter(alike).to_pylist()
    lines = chunk.lines[alike.to_numpy().astype(bool)]
    again = (
        tuple((row[name] or "").strip().removeprefix(BOM) for name in _names(header)) == header.names for row in rows
    )
    return {int(line) for line, is_again in zip(lines, again, strict=True) if is_again}


def _names(header: Header) -> list[str]:
    return [f"r{number}" for number in range(len(header.names))]


def _no_rows(header: Header) -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in _names(header)})


def _parse(block: bytes, header: Header, quoted_breaks: bool, set_aside) -> pa.Table:
    names = _names(header)
    return pa_csv.read_csv(
        pa.BufferReader(block),
        read_options=pa_csv.ReadOptions(column_names=names, use_threads=False, block_size=8 << 20),
        parse_options=pa_csv.ParseOptions(
            delimiter=header.delimiter, newlines_in_values=quoted_breaks, invalid_row_handler=set_aside
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=list(NOTHING),
            strings_can_be_null=True,
            check_utf8=False,
        ),
    )


def _spaced(block: bytes, delimiter: str) -> bool:
    """Whether a space stands beside a delimiter, a line break or a quotation mark: only then is there any to trim."""
    if b" " not in block:
        return False
    array = np.frombuffer(block, np.uint8)
    spaces = np.flatnonzero(array == 32)
    edge = np.zeros(256, bool)
    edge[[10, 13, 32, 34, ord(delimiter)]] = True
    before = array[np.maximum(spaces - 1, 0)]
    after = array[np.minimum(spaces + 1, len(array) - 1)]
    return bool(edge[before].any() or edge[after].any())


def _as_utf8(block: bytes, line: int) -> tuple[bytes, list[int], set[int]]:
    """
    The block as UTF-8. Lines that are not are read as Windows-1252, and named; lines that are neither are named too.
    """
    if block.isascii():
        return block, [], set()
    try:
        block.decode("utf-8")
        return block, [], set()
    except UnicodeDecodeError:
        pass
    rewritten, undecodable, lines = [], set(), block.split(b"\n")
    for number, each in enumerate(lines):
        if each.isascii():
            continue
        try:
            each.decode("utf-8")
        except UnicodeDecodeError:
            try:
                lines[number] = each.decode("cp1252").encode()
                rewritten.append(line + number)
            except UnicodeDecodeError:
                lines[number] = each.decode("latin-1").encode()
                undecodable.add(line + number)
    return b"\n".join(lines), rewritten, undecodable


class _Joined(io.RawIOBase):
    """What was read already, then the rest of the stream."""

    def __init__(self, already: bytes, rest: Source):
        self.already, self.rest = io.BytesIO(already), rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = self.already.read(len(buffer)) or self.rest.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _carefully(file: Source, header: Header, line: int, size: int) -> Iterator[Chunk]:
    """Read record by record with Python's own reader: slow, and never thrown off by a stray quotation mark."""
    width, names = len(header.names), _names(header)
    source = _Lines(io.BufferedReader(file) if isinstance(file, _Joined) else file, line)  # type: ignore[arg-type]
    rows: list[list[str]] = []
    lines: list[int] = []
    chunk = Chunk(_no_rows(header), np.zeros(0, np.int64))
    while True:
        record = source.record(header.delimiter)
        if record is not None:
            first, fields, what = record
            if what is None and len(fields) == width:
                rows.append(fields)
                lines.append(first)
            elif what is not None or fields:
                chunk.broken.append(Broken(first, what or WRONG_FIELDS, tuple(fields)))
        if record is None or source.taken > size // 4:
            columns = zip(*rows, strict=True) if rows else [[] for _ in names]
            arrays = [
                pa.array([None if value in NOTHING else value for value in column], pa.string()) for column in columns
            ]
            chunk.table = pa.table(dict(zip(names, arrays, strict=True)))
            chunk.lines = np.array(lines, np.int64)
            chunk.bytes, chunk.rewritten = source.taken, source.rewritten
            yield chunk
            rows, lines, chunk = [], [], Chunk(_no_rows(header), np.zeros(0, np.int64))
            source.taken, source.rewritten = 0, []
        if record is None:
            return


class _Lines:
    """Lines of text with their numbers, which can be given back when a record turns out to be none."""

    def __init__(self, file: Source, line: int):
        self.file, self.next_line, self.taken = file, line, 0
        self.returned: list[str] = []
        self.rewritten: list[int] = []

    def record(self, delimiter: str) -> tuple[int, list[str], str | None] | None:
        """The next record as (line, fields, what is wrong with it); None at the end; no fields for a blank line."""
        fed: list[str] = []
        first = self.next_line

        def feed() -> Iterator[str]:
            while len(fed) < LONGEST_RECORD:
                line = self._line()
                if line is None:
                    return
                fed.append(line)
                yield line

        try:
            # Here and not once: the limit is the whole process's, and anybody may have set it.
            csv.field_size_limit(LONGEST_FIELD)
            fields = next(csv.reader(feed(), delimiter=delimiter, strict=True), None)
        except csv.Error as error:
            if "field larger than" in str(error):
                return first, [fed[0][:80].rstrip("\r\n")], TOO_LONG
            # Only the first line is set aside; the others may be rows of their own.
            self.returned = fed[1:] + self.returned
            self.next_line = first + 1
            return first, fed[0].rstrip("\r\n").split(delimiter), OPEN_QUOTE
        if fields is None:
            return None
        if any("\0" in each for each in fields):
            return first, [each.replace("\0", "?") for each in fields], NUL_BYTE
        return first, fields, None

    def _line(self) -> str | None:
        if self.returned:
            self.next_line += 1
            return self.returned.pop(0)
        data = self.file.readline(LONGEST_LINE + 1)
        if not data:
            return None
        if len(data) > LONGEST_LINE:
            raise _EndlessLine(self.next_line)
        self.taken += len(data)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
            self.rewritten.append(self.next_line)
        self.next_line += 1
        return text
