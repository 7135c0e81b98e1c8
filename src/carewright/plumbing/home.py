"""
The home: one folder that holds everything one installation knows.

Two homes never meet. Secrets are made once per home and never leave it; nothing in it is readable by other users
of the machine.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """Where this installation keeps its database, files, warehouse and secrets."""

    path: Path

    def folder(self, *parts: str) -> Path:
        """A folder inside the home, made when it is missing, closed to others."""
        folder = self.path
        # One after the other: `parents=True` would make the upper ones with the rights everybody else's folders have.
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for part in parts:
            folder /= part
            if not folder.exists():
                folder.mkdir(exist_ok=True, mode=0o700)
        return folder

    @property
    def received(self) -> Path:
        """The raw bytes of everything received, as received, named by their SHA-256."""
        return self.folder("received")

    @property
    def landed(self) -> Path:
        """Rows as they were understood, one folder per landed table, Parquet."""
        return self.folder("landed")

    @property
    def set_aside(self) -> Path:
        """Rows that did not read, each with its reason, one CSV per delivery."""
        return self.folder("set_aside")

    @property
    def warehouse(self) -> Path:
        """The runs of the warehouse: `runs/<run id>/<table>.parquet`."""
        return self.folder("warehouse")

    @property
    def is_demo(self) -> bool:
        """Whether every person in this home was invented by us."""
        return (self.path / "DEMO").exists()

    def mark_as_demo(self, size: str) -> None:
        """Say, once and for all, that this home holds invented people only."""
        self.folder()
        (self.path / "DEMO").write_text(f"{size}\n", encoding="utf-8")

    @property
    def seal(self) -> Path:
        """The digest of the latest seal of the access log, kept outside the database that it proves."""
        return self.path / "access-log-seal"

    def secret(self, name: str) -> str:
        """A secret of this home, made at random the first time it is asked for."""
        path = self.folder("secrets") / name
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="ascii").strip()
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        return path.read_text(encoding="ascii").strip()


def current() -> Home:
    """The home that CAREWRIGHT_HOME names, or `.carewright` in the folder one stands in."""
    return Home(Path(os.environ.get("CAREWRIGHT_HOME", ".carewright")).resolve())
