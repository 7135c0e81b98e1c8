"""
Databases without a home: folders that the embedded server keeps outside the homes, whose home is not there.

Only a server started as root has such folders (`/var/lib/carewright/<key>`): PostgreSQL refuses to run as root, and the
user it runs as may not enter the home. When a home is deleted its database stays. A home that is not there may also lie
on a disk that is not mounted, or may have been moved; which it is, no program can know. So nothing is ever deleted here
without a person's word about this one folder.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from carewright.kernel.errors import NotNow
from carewright.plumbing import embedded_postgres
from carewright.plumbing.embedded_postgres import Server
from carewright.plumbing.home import Home

GONE, AWAY, UNKNOWN, EARLIER = "gone", "away", "unknown", "earlier"
SAID = {
    GONE: "its home {home} is not there, though the folder it stood in is: it was deleted, or moved",
    AWAY: "its home {home} is not there, and neither is the folder it stood in: perhaps on a disk that is not mounted",
    UNKNOWN: "which home it belongs to was not written down; an earlier version made it, and the next start of its home does",
    EARLIER: "set aside when a new home was made where its own had been",
}


@dataclass(frozen=True)
class Leftover:
    """One database whose home is not there: its folder, what is known of its home, when it was last written to."""

    folder: Path
    kind: str
    home: str
    last_used: datetime | None
    pid: int | None

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def said(self) -> str:
        """What is known of it, in a sentence without its end."""
        return SAID[self.kind].format(home=self.home)

    @property
    def bytes(self) -> int:
        """How much room it takes."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file() and not path.is_symlink())


def found(here: Home) -> list[Leftover]:
    """Every database on this machine whose home is not there; `here` is the home one works in, which is."""
    shared = embedded_postgres.SHARED_FOLDER
    if not shared.is_dir() or not os.access(shared, os.R_OK | os.X_OK):
        return []
    return list(_found(shared, Server(here).key))


def _found(shared: Path, own: str) -> Iterator[Leftover]:
    for folder in sorted(path for path in shared.iterdir() if (path / "data" / "PG_VERSION").exists()):
        key, _dot, rest = folder.name.partition(".")
        noted = folder / "path"
        home = noted.read_text(encoding="utf-8") if noted.exists() else ""
        kind = EARLIER if rest.startswith("earlier") else _kind(folder, home)
        if kind and (key != own or kind == EARLIER):
            yield Leftover(folder, kind, home, _last_used(folder), _pid(folder))


def _kind(folder: Path, home: str) -> str:
    """How a database stands without its home; empty when the home is there."""
    if not home:
        return UNKNOWN
    if not Path(home).exists():
        return GONE if Path(home).parent.exists() else AWAY
    secret = Path(home) / "secrets" / "postgres"
    mark = folder / "home"
    is_its_own = secret.exists() and mark.exists() and mark.read_text() == _print_of(secret)
    return "" if is_its_own or not secret.exists() else EARLIER


def _print_of(secret: Path) -> str:
    return hashlib.sha256(secret.read_text(encoding="ascii").strip().encode()).hexdigest()


def _last_used(folder: Path) -> datetime | None:
    """When the server last wrote down where it stood: at a checkpoint, and when it stopped."""
    control = folder / "data" / "global" / "pg_control"
    return datetime.fromtimestamp(control.stat().st_mtime, UTC) if control.exists() else None


def _pid(folder: Path) -> int | None:
    try:
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        return pid if b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes() else None
    except (OSError, ValueError, IndexError):
        return None


def delete(leftover: Leftover, *, here: Home) -> None:
    """Delete one database for good, on a person's word. Raises `NotNow` for one whose home has come back, or that runs."""
    still = next((each for each in found(here) if each.folder == leftover.folder), None)
    if still is None:
        raise NotNow(f"{leftover.name} has its home again, so it stays.")
    if still.pid is not None and still.kind != GONE:
        raise NotNow(f"{leftover.name} is running (process {still.pid}): somebody may use it. Stop it first.")
    if still.pid is not None:
        data = str(still.folder / "data")
        Server(here).run(
            "pg_ctl", "stop", "-D", data, "-m", "fast", "-w", "-t", "60", check=False, stderr=subprocess.STDOUT
        )
    shutil.rmtree(still.folder)
