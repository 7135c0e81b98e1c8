"""
Everything a home knows, in one sealed file, and back again.

A backup holds a dump of the database and every file of the home (received bytes, landed rows, the warehouse's runs,
set-aside rows, secrets), each with its SHA-256. It is read back and checked right after it was written; a backup that
was never read is a hope. A restore goes into an empty home, checks every file against the list, and only then says
that it is done.
"""

import gzip
import hashlib
import json
import os
import subprocess
import tarfile
import tempfile
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
LEFT_OUT = {"postgres", "postgres.lock", "static", "backups", "logs", "scratch", "server.json"}
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
    path.parent.mkdir(parents=True, exist_ok=True)
    about = {"version": __version__, "made_at": at.isoformat()}
    partial = path.with_name(f".{path.name}.partial")
    listed: dict[str, dict] = {}
    with tempfile.TemporaryDirectory(dir=home.folder("scratch")) as scratch:
        report("dumping the database")
        dump = Path(scratch) / DUMP
        _postgres("pg_dump", "--format=custom", "--compress=1", "--no-owner", home=home, out=dump)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with (
                sealed_file.Writer(file, secret, about) as sealed,
                gzip.GzipFile(fileobj=cast(Any, sealed), mode="wb", compresslevel=1, mtime=0) as small,
                tarfile.open(fileobj=small, mode="w|") as tar,
            ):
                for name, source in [(DUMP, dump), *_files(home)]:
                    listed[name] = {"bytes": source.stat().st_size, "sha256": _sha256(source)}
                    tar.add(source, arcname=name, recursive=False)
                content = Path(scratch) / LIST
                content.write_text(json.dumps(listed))
                tar.add(content, arcname=LIST)
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
    with sealed_file.Reader(path, secret) as sealed, _members(path, sealed) as tar:
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
    _agree(path, listed, found)
    return about | {"files": len(found)}


def restore(
    home: Home, path: Path, *, secret: str, replace: bool = False, report: Callable[[str], None] = print
) -> dict:
    """
    Bring a backup back into a home that is empty, or, with `replace`, over what is there.

    Everything is unpacked and checked beside the home first; only a whole and unbroken backup touches it.
    """
    if not path.exists():
        raise CannotDo(f"{path} does not exist.")
    if not replace and any(name.name not in LEFT_OUT | {"secrets"} for name in home.folder().iterdir()):
        raise CannotDo(f"{home.path} is not empty. Restore into another home (--home), or add --replace.")
    with tempfile.TemporaryDirectory(dir=home.path.parent, prefix=".carewright-restore-") as scratch:
        report("unpacking and checking")
        found: dict[str, dict] = {}
        with sealed_file.Reader(path, secret) as sealed, _members(path, sealed) as tar:
            for member in tar:
                tar.extract(member, scratch, filter="data")
                file = Path(scratch) / member.name
                found[member.name] = {"bytes": file.stat().st_size, "sha256": _sha256(file)}
            sealed.read()
            about = sealed.about
        listed = json.loads((Path(scratch) / LIST).read_text())
        found.pop(LIST)
        _agree(path, listed, found)
        report("restoring the database")
        # The database's own password stays this home's: it belongs to the server, not to what is in it.
        own = {name: home.secret(name) for name in ("postgres",)}
        if not os.environ.get("DATABASE_URL"):
            Server(home).start()
        _make_roles(home)
        _postgres("pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error", "--single-transaction",
                  "--dbname", "{url}", str(Path(scratch) / DUMP), home=home)  # fmt: skip
        report("putting the files in place")
        _put_in_place(home, Path(scratch), listed, own)
    return {"home": str(home.path), "files": len(listed), "made_at": about["made_at"], "version": about["version"]}


def _make_roles(home: Home) -> None:
    """Roles belong to a server, not to a database, so a dump names them without bringing them."""
    import psycopg

    place = django_settings(home, os.environ.get("DATABASE_URL"))
    with psycopg.connect(
        host=place["HOST"], port=place["PORT"] or None, user=place["USER"], password=place["PASSWORD"],
        dbname=place["NAME"], autocommit=True,
    ) as connection:  # fmt: skip
        if not connection.execute("select 1 from pg_roles where rolname = 'carewright_app'").fetchone():
            connection.execute("create role carewright_app nologin")


def _put_in_place(home: Home, scratch: Path, listed: dict, own: dict[str, str]) -> None:
    for _, file in list(_files(home)):
        file.unlink()
    for name in listed:
        if name == DUMP:
            continue
        target = home.path / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (scratch / name).replace(target)
        target.chmod(0o600)
    for name, value in own.items():
        (home.folder("secrets") / name).write_text(value + "\n")


def _files(home: Home) -> Iterator[tuple[str, Path]]:
    for top in sorted(home.folder().iterdir()):
        if top.name in LEFT_OUT:
            continue
        for file in [top] if top.is_file() else sorted(top.rglob("*")):
            if file.is_file() and not file.name.startswith("."):
                yield str(file.relative_to(home.path)), file


def _members(path: Path, sealed: sealed_file.Reader) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=cast(Any, sealed), mode="r|gz")
    except tarfile.TarError:
        raise BadInput(str(path), "a damaged archive", "a backup made by `carewright backup`") from None


def _agree(path: Path, listed: dict, found: dict) -> None:
    if wrong := sorted(name for name in listed.keys() | found.keys() if listed.get(name) != found.get(name)):
        raise BadInput(str(path), f"{len(wrong)} files that differ, first {wrong[0]}", "the files on its own list")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _postgres(program: str, *args: str, home: Home, out: Path | None = None) -> None:
    """Run pg_dump or pg_restore against the home's database; `{url}` stands for its address."""
    place = django_settings(home, os.environ.get("DATABASE_URL"))
    environment = {
        "PGHOST": place["HOST"], "PGPORT": place["PORT"] or "5432", "PGUSER": place["USER"],
        "PGPASSWORD": place["PASSWORD"], "PGDATABASE": place["NAME"], "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    words = [place["NAME"] if word == "{url}" else word for word in args]
    command = [str(Server(home).wheel / "bin" / program), *words]
    with out.open("wb") if out else open(os.devnull, "wb") as sink:  # noqa: PTH123
        done = subprocess.run(command, env=environment, stdout=sink, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise CannotDo(f"{program} could not do its work: {done.stderr.strip()[-600:]}")
