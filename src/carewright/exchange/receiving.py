"""
Taking files in: which files were meant, and their bytes, kept in the home exactly as they came.

A received file is named by its SHA-256 and never written again. Nothing here looks into a file.
"""

import errno
import hashlib
import lzma
import os
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from carewright.exchange.files.opening import refused
from carewright.kernel.errors import BadInput
from carewright.plumbing.home import Home

PIECE = 1 << 20
LARGEST_ARCHIVE = 200 << 30
ABOUT = "about.json"
"""What is written last of an upload: who brought it."""
AT_LEAST_A_DAY = timedelta(days=1)
DEEPEST = 2
"""A ZIP file may hold ZIP files; one level more, and it is made to fill a disk."""


@dataclass(frozen=True)
class Given:
    """A file somebody handed in: where it lies, and the name it goes by."""

    path: Path
    name: str
    depth: int = 0
    """Out of how many ZIP files, one in the other, it came."""


def readable(name: str) -> str:
    r"""
    A file's name as a database keeps it: bytes that are no text become question marks.

    >>> readable("M\udcfcller.csv"), readable("Müller.csv")
    ('M?ller.csv', 'Müller.csv')
    """
    return name.encode("utf-8", "replace").decode().replace("\0", "?")


def files_in(paths: Iterable["Path | str | Given"]) -> list[Given]:
    """
    Every file that is meant by these paths, folders opened up, in a steady order. Hidden files are passed over.

    Raises `BadInput` for a path that is not there.
    """
    found: list[Given] = []
    for each in paths:
        if isinstance(each, Given):
            found.append(each)
            continue
        path = Path(each)
        if path.is_dir():
            found += [Given(inside, readable(str(inside))) for inside in _inside(path)]
        elif path.is_file():
            found.append(Given(path, readable(str(path))))
        elif path.exists():
            raise refused(str(path), "a pipe or a device", "a file or a folder", "Write it into a file first.")
        else:
            raise refused(str(path), "nothing there", "a file or a folder", "Check the path.")
    return found


def _inside(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(where, name)
            if not name.startswith(".") and path.is_file():
                yield path


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep(home: Home, given: Given) -> tuple[Path, str, int]:
    """
    Copy a file's bytes into `received/`, and answer with where they are, their SHA-256 and how many they are.

    The copy is made even when the sender's file could be linked: a linked file would change with the sender's.
    Raises `BadInput` for a file that may not be read.
    """
    folder = home.received
    try:
        with open(given.path, "rb", buffering=0) as source:  # noqa: PTH123 (opened 10,000 times in one folder)
            size = os.fstat(source.fileno()).st_size
            piece = source.read(min(size, PIECE) + 1)
            if len(piece) < PIECE and not (rest := source.read(PIECE if size != len(piece) else 1)):
                return _keep_small(folder, piece)
            return _keep_large(folder, source, piece if len(piece) >= PIECE else piece + rest)
    except PermissionError:
        raise refused(
            given.name, "a file closed to us", "a file we may read", "Give this user the right to read it."
        ) from None


def _keep_small(folder: Path, data: bytes) -> tuple[Path, str, int]:
    """Ten thousand small files come in one folder: each is read once, and written only when it is new."""
    sha = hashlib.sha256(data).hexdigest()
    final = f"{folder}/{sha}"
    if not os.path.exists(final):  # noqa: PTH110 (paths as text: making a Path costs as much as looking)
        unfinished = _unfinished(folder)
        try:
            descriptor = _created(unfinished, 0o400)
            with os.fdopen(descriptor, "wb", buffering=0) as copy:
                written = copy.write(data)
                while written < len(data):
                    written += copy.write(data[written:])
            os.replace(unfinished, final)  # noqa: PTH105
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
    return Path(final), sha, len(data)


def _unfinished(folder: Path) -> str:
    """What a copy is called while it is made: nobody else's, of this process."""
    return f"{folder}/.{os.getpid()}.receiving"


def _created(path: str, rights: int) -> int:
    """A new file, opened for writing; what a killed process of the same number left there goes first."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights)
    except FileExistsError:
        os.unlink(path)  # noqa: PTH108
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights)


def _keep_large(folder: Path, source: IO[bytes], piece: bytes) -> tuple[Path, str, int]:
    unfinished = Path(_unfinished(folder))
    unfinished.unlink(missing_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with unfinished.open("wb") as copy:
            unfinished.chmod(0o600)
            while piece:
                digest.update(piece)
                copy.write(piece)
                size += len(piece)
                piece = source.read(PIECE)
        final = folder / digest.hexdigest()
        if not final.exists():
            unfinished.replace(final)
            final.chmod(0o400)
        return final, final.name, size
    finally:
        unfinished.unlink(missing_ok=True)


def unpack(home: Home, given: Given) -> list[Given]:
    """
    The members of a ZIP file, unpacked into the home's scratch folder; `clear_scratch` removes them.

    Raises `BadInput` for an archive that is damaged, locked with a password, larger than any real one or than the disk
    has room for, or that holds archives within archives. Members are written under a number, whatever they are called.
    """
    if given.depth >= DEEPEST:
        raise refused(
            given.name, "ZIP files within ZIP files within a ZIP file", "a ZIP file of data files",
            "Ask the sender to pack the files into one ZIP file.",
        )  # fmt: skip
    folder = home.folder("scratch", f"zip-{sha256_of(given.path)[:12]}-{secrets.token_hex(4)}")
    try:
        with zipfile.ZipFile(given.path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            members = [m for m in members if not Path(m.filename).name.startswith(".") and "__MACOSX" not in m.filename]
            _refuse_too_large(given, sum(member.file_size for member in members), folder)
            found = []
            for number, member in enumerate(members):
                path = folder / str(number)
                with archive.open(member) as source, path.open("wb") as copy:
                    shutil.copyfileobj(source, copy, PIECE)
                found.append(Given(path, f"{given.name}/{readable(member.filename)}", given.depth + 1))
            return found
    except (zipfile.BadZipFile, EOFError, RuntimeError, zlib.error, lzma.LZMAError, ValueError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise
        locked = "password" in str(error)
        found_what = "a ZIP file locked with a password" if locked else "a damaged ZIP file"
        mend = "Unlock it first." if locked else "Ask the sender to send it again."
        raise BadInput(given.name, found_what, "a whole ZIP file without a password", mend) from None


def _refuse_too_large(given: Given, size: int, folder: Path) -> None:
    """Refuse an archive that would leave no room for what lives on the same disk."""
    if size > LARGEST_ARCHIVE:
        raise refused(given.name, "a ZIP file of more than 200 GB", "a smaller one", "Send it in parts.")
    if size > shutil.disk_usage(folder).free // 2:
        raise refused(
            given.name, f"a ZIP file that unpacks to {size / 1e9:,.1f} GB", "at most half of the room left on this disk",
            "Make room on the disk, or have it sent in parts.",
        )  # fmt: skip


def clear_what_was_left(home: Home, *, at: datetime) -> None:
    """
    Remove what a killed process had begun to write: copies, rows set aside, uploads that broke off. They hold rows about
    people, and nobody finishes them. Only called while the home's landing is held.
    """
    for left in (*home.received.glob(".*.receiving"), *home.set_aside.glob(".*")):
        left.unlink(missing_ok=True)
    # whoever reads again or uploads holds no lock, and is done within a day
    unfinished = (each for each in home.folder("uploads").glob("*/") if not (each / ABOUT).exists())
    for folder in (*home.landed.glob("_again-*/"), *home.landed.glob("_roomy-*/"), *unfinished):
        with suppress(FileNotFoundError):
            latest = max(each.stat().st_mtime for each in (folder, *folder.rglob("*")))
            if at.timestamp() - latest > AT_LEAST_A_DAY.total_seconds():
                shutil.rmtree(folder, ignore_errors=True)


def clear_scratch(home: Home) -> None:
    """Remove what unpacking and sorting left behind."""
    shutil.rmtree(home.folder("scratch"), ignore_errors=True)
