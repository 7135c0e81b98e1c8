"""
A dictionary with room for whatever a file brings: what does not fit into memory lies on the disk.

Files have no largest size, and some things must be known of all of a file before any of it is understood: where each
entry of a bundle stands, which professional has which NPI. In memory they would grow with the file.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

ROOM = 20_000
"""So many keys are held in memory, which is about 5 MB; with more, all of them go to the disk."""
PAGES_KB = 4_096

Key = str | int | tuple[str, ...]


class RoomyDict:
    """
    Keys (a text, a number, or texts together) and what they stand for: anything JSON can say.

    Nothing touches the disk before there is too much for memory. What lies there lies in a nameless file of `folder`,
    beside what it was read from, and is gone when it is. Without a folder everything stays in memory. A tuple
    comes back as a list once it has been on the disk.
    """

    def __init__(self, folder: Path | None = None):
        self._folder = folder
        self._near: dict[Key, Any] = {}
        self._disk: sqlite3.Connection | None = None

    def __setitem__(self, key: Key, value: Any) -> None:
        self._near[key] = value
        if len(self._near) >= ROOM and self._folder is not None:
            self._clear_near(self._folder)

    def get(self, key: Key, default: Any = None) -> Any:
        """What the key stands for, or the default."""
        if key in self._near:
            return self._near[key]
        if self._disk is None:
            return default
        found = self._disk.execute("select value from kept where key = ?", (_written(key),)).fetchone()
        return default if found is None else orjson.loads(found[0])

    def __getitem__(self, key: Key) -> Any:
        found = self.get(key, self)
        if found is self:
            raise KeyError(key)
        return found

    def __contains__(self, key: Key) -> bool:
        return self.get(key, self) is not self

    def __bool__(self) -> bool:
        return bool(self._near) or self._disk is not None

    def __len__(self) -> int:
        if self._disk is None or self._folder is None:
            return len(self._near)
        self._clear_near(self._folder)
        return self._disk.execute("select count(*) from kept").fetchone()[0]

    def __iter__(self) -> Iterator[Any]:
        """The keys, in the order in which they came first."""
        return (key for key, _ in self.items())

    def items(self) -> Iterator[tuple[Any, Any]]:
        """Keys with what they stand for, in the order in which the keys came first."""
        if self._disk is None or self._folder is None:
            yield from self._near.items()
            return
        self._clear_near(self._folder)
        for key, value in self._disk.execute("select key, value from kept order by rowid"):
            yield _read(key), orjson.loads(value)

    def _clear_near(self, folder: Path) -> None:
        if self._disk is None:
            self._disk = _nameless(folder)
        self._disk.execute("begin")  # else each row would be a transaction of its own, and take twice as long
        self._disk.executemany(
            "insert into kept values (?, ?) on conflict (key) do update set value = excluded.value",
            ((_written(key), orjson.dumps(value)) for key, value in self._near.items()),
        )
        self._disk.execute("commit")
        self._near = {}


def _nameless(folder: Path) -> sqlite3.Connection:
    """An empty table in a file that no folder lists any more: it goes with whoever holds it, however that one ends."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="_roomy-", dir=folder) as own:
        disk = sqlite3.connect(Path(own) / "kept", isolation_level=None)
        # one writer, nothing to recover: no journal, no waiting for the disk
        for said in ("locking_mode = exclusive", "journal_mode = off", "synchronous = off", "temp_store = memory",
                     f"cache_size = -{PAGES_KB}"):  # fmt: skip
            disk.execute(f"pragma {said}")
        disk.execute("create table kept (key unique not null, value not null)")
    return disk


def _written(key: Key) -> str | int:
    """A key as the table holds it; no text of FHIR has a null character in it (`documents.loads`)."""
    return "\0".join(key) + "\0" if isinstance(key, tuple) else key


def _read(key: str | int) -> Key:
    return tuple(key[:-1].split("\0")) if isinstance(key, str) and key.endswith("\0") else key
