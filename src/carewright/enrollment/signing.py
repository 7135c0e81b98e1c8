"""
Reading a signature that was drawn on the screen: a small PNG of the page's canvas, and nothing else.

What a browser sends is taken apart chunk by chunk and put together again from the picture alone, so that no comment, no
place and no second file comes along, and so that the paper with it can always be set.
"""

import base64
import binascii
import struct
import zlib

from django.utils.translation import gettext as _

from carewright.kernel.errors import CannotDo

BEGINS = "data:image/png;base64,"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST = 120_000
"""Letters of base64: a signature on the page's canvas has a tenth of it."""

WIDEST, HIGHEST = 2400, 800
BYTES_PER_PIXEL = {2: 3, 6: 4}
"""The ways a canvas writes colors: red, green, blue, and with or without how opaque."""

LAST_FILTER = 4
"""Each row begins with how it is packed, 0 to 4. Another number is no PNG, and the paper could never be set."""


class _NotOursError(Exception):
    """Not a picture that the page's canvas makes."""


def read(sent: str) -> str:
    """
    The picture as it is kept, in base64; nothing when nothing was drawn.

    Raises CannotDo for anything that is no picture of the page's canvas.
    """
    if not sent.strip():
        return ""
    try:
        if not sent.startswith(BEGINS) or len(sent) > MOST:
            raise _NotOursError
        picture = _ink(base64.b64decode(sent.removeprefix(BEGINS), validate=True))
    except (_NotOursError, binascii.Error, zlib.error, struct.error) as trouble:
        said = _("The drawing did not arrive whole. Draw the signature again, or leave it: the typed name is enough.")
        raise CannotDo(said, at="drawn") from trouble
    return base64.b64encode(picture).decode() if picture else ""


def _ink(image: bytes) -> bytes:
    """The picture put together anew from its size and its pixels; nothing when every pixel is empty."""
    if not image.startswith(SIGNATURE):
        raise _NotOursError
    chunks = _chunks(image[len(SIGNATURE) :])
    if not chunks or chunks[0][0] != b"IHDR" or chunks[-1] != (b"IEND", b""):
        raise _NotOursError
    width, height, depth, color, *others = struct.unpack(">IIBBBBB", chunks[0][1])
    if not (0 < width <= WIDEST and 0 < height <= HIGHEST) or depth != 8 or color not in BYTES_PER_PIXEL or any(others):
        raise _NotOursError
    wanted = height * (1 + width * BYTES_PER_PIXEL[color])
    unpacking = zlib.decompressobj()
    pixels = unpacking.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"), wanted + 1)
    if len(pixels) != wanted or not unpacking.eof or max(pixels[:: wanted // height]) > LAST_FILTER:
        raise _NotOursError
    if not any(pixels):
        return b""
    return SIGNATURE + b"".join(
        _chunk(kind, data) for kind, data in ((b"IHDR", chunks[0][1]), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    )


def _chunks(rest: bytes) -> list[tuple[bytes, bytes]]:
    found = []
    while rest:
        (length,) = struct.unpack(">I", rest[:4])
        kind, data, end = rest[4:8], rest[8 : 8 + length], rest[8 + length : 12 + length]
        if len(data) != length or struct.unpack(">I", end)[0] != zlib.crc32(kind + data):
            raise _NotOursError
        found.append((kind, data))
        rest = rest[12 + length :]
    return found


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
