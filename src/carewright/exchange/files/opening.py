"""
Opening a file from outside: is it packed, how is its text written, and can it be read to its end?

Everything that comes out of here is UTF-8 without a byte order mark, whatever went in, as a stream of bytes.
"""

import codecs
import gzip
import io
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

from carewright.kernel.errors import BadInput

GZIP, ZIP, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
SNIFFED = 256 * 1024
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Beginning:
    """The first bytes of a file as text, and how the rest of it is to be read."""

    data: bytes
    """The first bytes, unpacked, as UTF-8 (where the text is not Unicode, as it stands)."""
    packed: bool = False
    encoding: str = "utf-8"
    bom: int = 0
    """How many bytes stand before the text."""


def refused(name: str, found: str, expected: str, mend: str) -> BadInput:
    """A sentence about a whole file."""
    return BadInput(where=name, found=found, expected=expected, mend=mend)


def begin(path: Path, name: str) -> Beginning:
    """Read the first bytes of a file. Raises `BadInput` when there are none, or when it cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (opened 10,000 times in one folder)
            first = file.read(min(os.fstat(file.fileno()).st_size, SNIFFED) or SNIFFED)
    except PermissionError:
        raise refused(
            name, "a file closed to us", "a file we may read", "Give this user the right to read it, and send it again."
        ) from None
    except OSError as error:
        raise refused(
            name, error.strerror or "an error", "a file that can be read", "Check the disk or share."
        ) from None
    if not first:
        raise refused(name, "an empty file", "a header and rows", "Ask the sender to send it again.")
    packed = first.startswith(GZIP)
    if packed:
        try:
            with gzip.open(path, "rb") as file:
                first = file.read(SNIFFED)
        except (EOFError, OSError, zlib.error):
            first = _unpacked_so_far(path)
            if not first:
                raise damaged(name) from None
        if not first:
            raise refused(
                name, "a gzip file with nothing in it", "a header and rows", "Ask the sender to send it again."
            )
    encoding, bom = _encoding(first)
    data = first[bom:]
    if encoding != "utf-8":
        data = data[: len(data) // 4 * 4].decode(encoding, errors="replace").encode()
    return Beginning(data, packed, encoding, bom)


def damaged(name: str) -> BadInput:
    """The sentence for a gzip file that breaks off: half a file must not look like a whole one."""
    return refused(
        name,
        "a gzip file that breaks off or is damaged",
        "a whole gzip file",
        "Nothing of it was read. Ask the sender to send it again, and compare the file's size with theirs.",
    )


def stream(path: Path, beginning: Beginning) -> io.BufferedIOBase | io.RawIOBase:
    """The whole file as UTF-8 bytes, a bit at a time."""
    raw = gzip.open(path, "rb") if beginning.packed else path.open("rb", buffering=0)  # noqa: SIM115 (closed by the reader)
    raw.read(beginning.bom)
    return raw if beginning.encoding == "utf-8" else io.BufferedReader(_Rewritten(raw, beginning.encoding), 1 << 20)


class _Rewritten(io.RawIOBase):
    """A stream in another Unicode encoding, read as UTF-8."""

    def __init__(self, raw: io.BufferedIOBase | io.RawIOBase, encoding: str):
        super().__init__()
        self.raw, self.decoder, self.ready = raw, codecs.getincrementaldecoder(encoding)(errors="replace"), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self.ready:
            data = self.raw.read(1 << 20)
            self.ready = self.decoder.decode(data, final=not data).encode()
            if not data:
                break
        given, self.ready = self.ready[: len(buffer)], self.ready[len(buffer) :]
        buffer[: len(given)] = given
        return len(given)

    def close(self) -> None:
        self.raw.close()
        super().close()


def _encoding(first: bytes) -> tuple[str, int]:
    for bom, encoding in BOMS:
        if first.startswith(bom):
            return encoding, len(bom)
    # UTF-16 without a mark: in ASCII text every second byte is zero.
    head = first[:2000]
    if len(head) >= 8:
        if head[1::2].count(0) > len(head) * 0.4 and head[0::2].count(0) == 0:
            return "utf-16-le", 0
        if head[0::2].count(0) > len(head) * 0.4 and head[1::2].count(0) == 0:
            return "utf-16-be", 0
    return "utf-8", 0


def _unpacked_so_far(path: Path) -> bytes:
    """What can be unpacked of a damaged gzip file: enough to say what it would have been."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        with path.open("rb") as file:
            return unpacker.decompress(file.read(SNIFFED), SNIFFED)
    except zlib.error:
        return b""
