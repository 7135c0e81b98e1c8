"""
Everything a home knows, in one sealed file, and back again.

A backup holds a dump of the database and every file of the home (received bytes, landed rows, the warehouse's runs,
set-aside rows, secrets), each with its SHA-256. It is read back and checked right after it was written; a backup that
was never read is a hope. How one comes back is said in `carewright.plumbing.restoring`.
"""

import contextlib
import fcntl
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from carewright import __version__
from carewright.kernel.errors import BadInput, CannotDo
from carewright.plumbing import sealed_file
from carewright.plumbing.embedded_postgres import Server, django_settings
from carewright.plumbing.home import Home

# The database has its own dump; the rest is made again or belongs to this machine only.
LEFT_OUT = {
    "postgres", "postgres.lock", "static", "backups", "logs", "scratch", "server.json", "backup.lock",
    "restore.lock", "restore-under-way", "upgrade-under-way",
}  # fmt: skip
DUMP = "database.dump"
LIST = "list.json"


def secret_of(home: Home, key_file: Path | None = None) -> str:
    """The passphrase from the environment, the key in a file, or the home's own backup key, in this order."""
    if phrase := os.environ.get("CAREWRIGHT_BACKUP_PASSPHRASE"):
        if len(phrase) < 12:
            raise CannotDo("CAREWRIGHT_BACKUP_PASSPHRASE is shorter than 12 characters. Choose a longer one.")
        return phrase
    if key_file:
        return key_file.read_text(encoding="ascii").strip()
    return home.secret("backup")


def write(home: Home, path: Path, *, secret: str, at: datetime, report: Callable[[str], None] = print) -> dict:
    """
    Back up the home into one sealed file, and read it back to be sure.

    Returns the number of files and bytes, and the name of the key. The file appears under its name only when whole.
    """
    if path.is_dir():
        raise CannotDo(f"{path} is a folder. Name a file in it: {path / 'carewright.cwb'}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    about = {"version": __version__, "made_at": at.isoformat()}
    partial = path.with_name(f".{path.name}.partial")
    listed: dict[str, dict] = {}
    with (
        alone(home, "backup.lock", f"A backup of {home.path} is at work. Wait until it is done."),
        _scratch(home) as scratch,
    ):
        # First, so that the dump holds every seal up to it; one made meanwhile would point past the dump's end.
        anchor = Path(scratch) / home.seal.name
        if home.seal.exists():
            shutil.copyfile(home.seal, anchor)
        report("dumping the database")
        dump = Path(scratch) / DUMP
        postgres("pg_dump", "--format=custom", "--compress=1", "--no-owner", home=home, out=dump)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with (
                sealed_file.Writer(file, secret, about) as sealed,
                gzip.GzipFile(fileobj=cast(Any, sealed), mode="wb", compresslevel=1, mtime=0) as small,
                tarfile.open(fileobj=small, mode="w|") as tar,
            ):
                for name, source in [(DUMP, dump), *files_of(home)]:
                    source = anchor if source == home.seal else source
                    # What is tidied away while we write (an older run, a half file) is no longer part of the home.
                    with contextlib.suppress(FileNotFoundError), source.open("rb") as content:
                        member = tar.gettarinfo(arcname=name, fileobj=content)
                        digest = hashlib.file_digest(content, "sha256").hexdigest()
                        content.seek(0)
                        tar.addfile(member, content)
                        listed[name] = {"bytes": member.size, "sha256": digest}
                (Path(scratch) / LIST).write_text(json.dumps(listed))
                tar.add(Path(scratch) / LIST, arcname=LIST)
            file.flush()
            os.fsync(file.fileno())
    report("reading it back")
    check(partial, secret=secret)
    partial.replace(path)
    return {
        "file": str(path),
        "files": len(listed),
        "bytes": path.stat().st_size,
        "sealed_with": sealed_file.key_name(secret),
        "checked": True,
    }


def check(path: Path, *, secret: str) -> dict:
    """Read a whole backup without keeping anything; raises BadInput at the first thing that does not agree."""
    found: dict[str, dict] = {}
    listed: dict[str, dict] = {}
    with sealed_file.Reader(path, secret) as sealed, members_of(path, sealed) as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is None:
                continue
            if member.name == LIST:
                listed = json.load(content)
            else:
                digest = hashlib.file_digest(cast(Any, content), "sha256").hexdigest()
                found[member.name] = {"bytes": member.size, "sha256": digest}
        sealed.read()
        about = sealed.about
    agree(path, listed, found)
    return about | {"files": len(found)}


@contextlib.contextmanager
def alone(home: Home, lock_name: str, otherwise: str) -> Iterator[None]:
    """Do something one at a time in a home; refuses with that sentence while another process does it."""
    with (home.folder() / lock_name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotDo(otherwise) from None
        yield


@contextlib.contextmanager
def _scratch(home: Home) -> Iterator[str]:
    """A folder for what must not stay: always the same one, so that what a killed backup left goes with the next."""
    folder = home.folder("scratch") / "backup"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield str(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def files_of(home: Home) -> Iterator[tuple[str, Path]]:
    """Every file of a home that a backup holds, with its name below the home."""
    for top in sorted(home.folder().iterdir()):
        if top.name in LEFT_OUT:
            continue
        for file in [top] if top.is_file() else sorted(top.rglob("*")):
            if file.is_file() and not file.name.startswith("."):
                yield str(file.relative_to(home.path)), file


def members_of(path: Path, sealed: sealed_file.Reader) -> tarfile.TarFile:
    """What a sealed file holds, one after the other."""
    try:
        return tarfile.open(fileobj=cast(Any, sealed), mode="r|gz")
    except tarfile.TarError:
        raise BadInput(str(path), "a damaged archive", "a backup made by `carewright backup`") from None


def agree(path: Path, listed: dict, found: dict) -> None:
    """Refuse a backup whose files are not those of its own list."""
    if wrong := sorted(name for name in listed.keys() | found.keys() if listed.get(name) != found.get(name)):
        raise BadInput(str(path), f"{len(wrong)} files that differ, first {wrong[0]}", "the files on its own list")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def postgres(program: str, *args: str, home: Home, out: Path | None = None) -> None:
    """Run one of PostgreSQL's programs against the home's database; what it says when it fails is passed on."""
    place = django_settings(home, os.environ.get("DATABASE_URL"))
    environment = {
        "PGHOST": place["HOST"], "PGPORT": place["PORT"] or "5432", "PGUSER": place["USER"],
        "PGPASSWORD": place["PASSWORD"], "PGDATABASE": place["NAME"], "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    command = [str(Server(home).wheel / "bin" / program), *args]
    with out.open("wb") if out else open(os.devnull, "wb") as sink:  # noqa: PTH123
        done = subprocess.run(command, env=environment, stdout=sink, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-600:]
        raise CannotDo(f"{program} could not do its work: {said}")
