"""
What waits at the door: files put into a watched folder, uploads, and deliveries to be tried again.

* `HOME/inbox/<feed>/…` is a watched folder per feed: whatever is put there is read once it has been left alone for a
  while, and is taken out when its bytes are kept. What cannot be read is taken out too, and stands on the imports page.
* `HOME/uploads/<number>/` holds what somebody asked for on a page: an uploaded file, or a delivery to be tried again,
  with `about.json`, written last, saying who asked.
"""

import json
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.utils.translation import gettext as _

from carewright.exchange.receiving import ABOUT
from carewright.kernel.errors import CannotDo
from carewright.plumbing.home import Home

LEFT_ALONE = timedelta(seconds=30)
"""A file is complete when nobody has written to it for so long."""
UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload", ".uploading")
LARGEST_UPLOAD = 20 << 30


@dataclass(frozen=True)
class Asked:
    """Something asked for on a page: the file to read, for whom, and since when."""

    file_name: str
    source: str
    by_id: int
    by_email: str
    at: str
    again: str = ""
    """The SHA-256 of a delivery to be tried again; empty for an upload."""
    rows: bool = False
    """Only its rows set aside: the file has landed, and stays in its place."""

    @property
    def asked_at(self) -> datetime:
        return datetime.fromisoformat(self.at)


def complete_files(home: Home, *, at: datetime) -> Iterator[tuple[str, Path]]:
    """Files of the watched folders that nobody is writing any more, each with its feed."""
    inbox = home.folder("inbox")
    for path in sorted(inbox.rglob("*")):
        if path.name.startswith(".") or path.suffix.lower() in UNFINISHED or not path.is_file():
            continue
        if at.timestamp() - path.stat().st_mtime < LEFT_ALONE.total_seconds():
            continue
        feed = path.relative_to(inbox).parts[0] if path.parent != inbox else ""
        yield feed, path


def feeds_watched(home: Home) -> list[str]:
    """The feeds that have a watched folder."""
    return sorted(path.name for path in home.folder("inbox").iterdir() if path.is_dir() and path.name[0] != ".")


def keep_upload(home: Home, chunks: Iterable[bytes], *, file_name: str, source: str, by, at: datetime) -> Asked:
    """
    Write an uploaded file to disk as it comes in, and say who brought it. Raises `CannotDo` when it is too large.
    """
    folder = _new_folder(home)
    name = Path(file_name.replace("\\", "/")).name.lstrip(".") or "upload"
    written = 0
    try:
        with (folder / "file").open("wb") as file:
            for chunk in chunks:
                written += len(chunk)
                if written > LARGEST_UPLOAD:
                    raise CannotDo(
                        _("%(name)s is larger than 20 GB. Put it into the watched folder instead.") % {"name": name}
                    )
                file.write(chunk)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return _say(folder, Asked(name[-200:], source, by.pk, by.email, at.isoformat()))


def ask_again(home: Home, *, sha256: str, file_name: str, source: str, by, at: datetime, rows: bool = False) -> Asked:
    """Ask for a delivery, or for its rows set aside, to be read again from its kept bytes."""
    return _say(_new_folder(home), Asked(file_name, source, by.pk, by.email, at.isoformat(), again=sha256, rows=rows))


def asked(home: Home) -> list[tuple[Path, Asked]]:
    """Everything that was asked for and not done yet, the oldest first."""
    found = []
    for path in home.folder("uploads").glob(f"*/{ABOUT}"):
        found.append((path.parent, Asked(**json.loads(path.read_text(encoding="utf-8")))))
    return sorted(found, key=lambda each: (each[1].at, each[0].name))


def done(folder: Path) -> None:
    """Forget something that was asked for."""
    shutil.rmtree(folder, ignore_errors=True)


def _new_folder(home: Home) -> Path:
    return home.folder("uploads", secrets.token_hex(8))


def _say(folder: Path, about: Asked) -> Asked:
    unfinished = folder / f".{ABOUT}"
    unfinished.write_text(json.dumps(asdict(about)), encoding="utf-8")
    unfinished.replace(folder / ABOUT)
    return about
