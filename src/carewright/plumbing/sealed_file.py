"""
A file nobody can read or change without its key: the outer shell of a backup.

AES-256-GCM over pieces of one mebibyte. Each piece is bound to its place and to the header, and the last one says
that it is the last, so a piece that was changed, moved, or cut off is noticed before anything is restored.
"""

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from carewright.kernel.errors import BadInput

MAGIC = b"CAREWRIGHT BACKUP 1\n"
PIECE = 1 << 20
TAG = 16


def _key(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=2**15, r=8, p=1, maxmem=64 * 2**20, dklen=32)


def key_name(secret: str) -> str:
    """Eight characters that say which key sealed a file, without giving it away."""
    return hashlib.sha256(b"carewright key name" + secret.encode()).hexdigest()[:8]


class Writer:
    """Write bytes in; what reaches the file is sealed. Use as `with Writer(path, secret) as file`."""

    def __init__(self, file: BinaryIO, secret: str, about: dict) -> None:
        self.file, self.buffer, self.count = file, bytearray(), 0
        salt = os.urandom(16)
        header = about | {"salt": base64.b64encode(salt).decode(), "key_name": key_name(secret)}
        self.header = json.dumps(header, sort_keys=True).encode()
        self.cipher = AESGCM(_key(secret, salt))
        file.write(MAGIC + len(self.header).to_bytes(4, "big") + self.header)

    def write(self, data: bytes) -> int:
        self.buffer += data
        while len(self.buffer) > PIECE:
            self._seal(bytes(self.buffer[:PIECE]), is_last=False)
            del self.buffer[:PIECE]
        return len(data)

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        nonce = self.count.to_bytes(12, "big")
        self.file.write(self.cipher.encrypt(nonce, piece, self.header + bytes([is_last])))
        self.count += 1

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, failed, *_) -> None:
        if failed is None:
            self._seal(bytes(self.buffer), is_last=True)


class Reader:
    """Read what a Writer sealed. Raises BadInput when the key is wrong or the file was cut or changed."""

    def __init__(self, path: Path, secret: str) -> None:
        self.path = path
        self.file = path.open("rb")
        self.about, self.header = read_header(self.file, path)
        if self.about["key_name"] != key_name(secret):
            raise BadInput(
                str(path), f"sealed with key {self.about['key_name']}", f"the key {key_name(secret)} given here",
                "Give the key or passphrase it was made with (`--key FILE` or CAREWRIGHT_BACKUP_PASSPHRASE).",
            )  # fmt: skip
        self.cipher = AESGCM(_key(secret, base64.b64decode(self.about["salt"])))
        self.buffer, self.count, self.is_finished = bytearray(), 0, False
        self.ahead = self.file.read(PIECE + TAG)

    def read(self, size: int = -1) -> bytes:
        while not self.is_finished and (size < 0 or len(self.buffer) < size):
            self._open_piece()
        size = len(self.buffer) if size < 0 else size
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        return data

    def _open_piece(self) -> None:
        piece, self.ahead = self.ahead, self.file.read(PIECE + TAG)
        is_last = not self.ahead
        try:
            nonce = self.count.to_bytes(12, "big")
            self.buffer += self.cipher.decrypt(nonce, piece, self.header + bytes([is_last]))
        except (InvalidTag, ValueError):
            raise BadInput(
                f"{self.path}, piece {self.count + 1}", "bytes that were changed or cut off", "an unbroken backup",
                "Nothing was restored from it. Use another copy.",
            ) from None  # fmt: skip
        self.count += 1
        self.is_finished = is_last

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_) -> None:
        self.file.close()


def read_header(file: BinaryIO, path: Path) -> tuple[dict, bytes]:
    """What a sealed file says of itself before it is opened."""
    start = file.read(len(MAGIC))
    length = int.from_bytes(file.read(4), "big")
    raw = file.read(length) if start == MAGIC and length < 1 << 16 else b""
    try:
        about = json.loads(raw)
        base64.b64decode(about["salt"], validate=True)
        is_ours = isinstance(about["key_name"], str)
    except (ValueError, TypeError, KeyError):
        is_ours = False
    if not is_ours:
        raise BadInput(str(path), "another kind of file", "a backup made by `carewright backup`")
    return about, raw
