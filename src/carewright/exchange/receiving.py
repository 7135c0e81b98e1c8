"""
Taking files in: which files were meant, and their bytes, kept in the home exactly as they came.

A received file is named by its SHA-256 and never written again. Nothing here looks into a file.
"""

import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from carewright.exchange.files.opening import refused
from carewright.kernel.errors import BadInput
from carewright.plumbing.home import Home

PIECE = 1 << 20
LARGEST_ARCHIVE = 200 << 30


@dataclass(frozen=True)
class Given:
    """A file somebody handed in: where it lies, and the name it goes by."""

    path: Path
    name: str


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
            found += [Given(inside, str(inside)) for inside in _inside(path)]
        elif path.is_file():
            found.append(Given(path, str(path)))
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
        with given.path.open("rb", buffering=0) as source:
            piece = source.read(PIECE)
            if len(piece) < PIECE and not (rest := source.read(PIECE)):
                return _keep_small(folder, piece)
            return _keep_large(folder, source, piece if len(piece) == PIECE else piece + rest)
    except PermissionError:
        raise refused(
            given.name, "a file closed to us", "a file we may read", "Give this user the right to read it."
        ) from None


def _keep_small(folder: Path, data: bytes) -> tuple[Path, str, int]:
    """Ten thousand small files come in one folder: each is read once, and written only when it is new."""
    sha = hashlib.sha256(data).hexdigest()
    final = folder / sha
    if not final.exists():
        unfinished = folder / f".{os.getpid()}.receiving"
        unfinished.unlink(missing_ok=True)
        try:
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
            with os.fdopen(descriptor, "wb") as copy:
                copy.write(data)
            unfinished.replace(final)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    return final, sha, len(data)


def _keep_large(folder: Path, source: IO[bytes], piece: bytes) -> tuple[Path, str, int]:
    unfinished = folder / f".{os.getpid()}.receiving"
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

    Raises `BadInput` for an archive that is damaged, locked with a password, or larger than any real one.
    """
    folder = home.folder("scratch", f"zip-{sha256_of(given.path)[:12]}")
    try:
        with zipfile.ZipFile(given.path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            members = [m for m in members if not Path(m.filename).name.startswith(".") and "__MACOSX" not in m.filename]
            if sum(member.file_size for member in members) > LARGEST_ARCHIVE:
                raise refused(given.name, "a ZIP file of more than 200 GB", "a smaller one", "Send it in parts.")
            found = []
            for number, member in enumerate(members):
                path = folder / f"{number}-{Path(member.filename).name}"
                with archive.open(member) as source, path.open("wb") as copy:
                    shutil.copyfileobj(source, copy, PIECE)
                found.append(Given(path, f"{given.name}/{member.filename}"))
            return found
    except (zipfile.BadZipFile, EOFError, RuntimeError) as error:
        locked = "password" in str(error)
        found_what = "a ZIP file locked with a password" if locked else "a damaged ZIP file"
        mend = "Unlock it first." if locked else "Ask the sender to send it again."
        raise BadInput(given.name, found_what, "a whole ZIP file without a password", mend) from None


def clear_scratch(home: Home) -> None:
    """Remove what unpacking and sorting left behind."""
    shutil.rmtree(home.folder("scratch"), ignore_errors=True)
