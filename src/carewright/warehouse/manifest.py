"""
Manifests: what each finished batch landed, and what of it counts.

A batch counts from the moment its manifest stands in `landed/_batches/`. What it landed of a file may count no more: a
later batch took its place, or it was taken back. The later batch's manifest says so (`instead_of`), in the same step in
which its own rows begin to count. Nothing is removed: what counts no more can still be opened as evidence.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Protocol

import orjson


class HasLanded(Protocol):
    """A home, as far as landing is concerned."""

    @property
    def landed(self) -> Path: ...


@dataclass(frozen=True)
class Landed:
    """What `write` put down: the file, relative to `landed/`, and its rows."""

    table: str
    path: str
    rows: int


@dataclass(frozen=True)
class Delivered:
    """One received file as the manifest remembers it; `rows` counts what was kept of it."""

    delivery_id: str
    sha256: str
    file_name: str
    source: str
    received_on: date
    received_seq: int
    kind: str = ""
    rows: int = 0


@dataclass(frozen=True)
class Manifest:
    """A finished batch: which files hold its rows, and which deliveries they came from."""

    batch_id: str
    finished_at: datetime | None
    files: dict[str, list[Landed]] = field(default_factory=dict)
    deliveries: list[Delivered] = field(default_factory=list)
    instead_of: list[tuple[str, str]] = field(default_factory=list)
    """The landings, as (batch, delivery), that count no more since this batch is finished."""


def manifests(home: HasLanded) -> list[Manifest]:
    """Every finished batch, in the order of receipt."""
    found = [_read(path) for path in sorted((home.landed / "_batches").glob("*.json"))]
    return sorted(found, key=lambda manifest: (latest(manifest), manifest.batch_id))


def gone(home: HasLanded) -> dict[str, set[str]]:
    """For each batch the deliveries whose rows in it count no more."""
    found: dict[str, set[str]] = {}
    for manifest in manifests(home):
        for batch_id, delivery_id in manifest.instead_of:
            found.setdefault(batch_id, set()).add(delivery_id)
    return found


def batches_that_count(home: HasLanded) -> set[str]:
    """The finished batches, without those of which nothing counts any more."""
    lost = gone(home)
    return {
        each.batch_id
        for each in manifests(home)
        if each.batch_id not in lost or {one.delivery_id for one in each.deliveries} - lost[each.batch_id]
    }


def places(home: HasLanded) -> dict[str, tuple[str, Delivered]]:
    """Every delivery that counts, by its delivery id: the batch its rows lie in, and what is remembered of it."""
    not_counted = gone(home)
    return {
        each.delivery_id: (manifest.batch_id, each)
        for manifest in manifests(home)
        for each in manifest.deliveries
        if each.delivery_id not in not_counted.get(manifest.batch_id, ())
    }


def deliveries(home: HasLanded) -> dict[str, Delivered]:
    """Every delivery that counts, by its delivery id."""
    return {delivery_id: delivered for delivery_id, (_, delivered) in places(home).items()}


@cache
def _read_at(path: Path, changed: int) -> Manifest:
    said = orjson.loads(path.read_bytes())
    return Manifest(
        said["batch_id"],
        datetime.fromisoformat(said["finished_at"]) if said["finished_at"] else None,
        {table: [Landed(**each) for each in landed] for table, landed in said["files"].items()},
        [Delivered(**{**each, "received_on": date.fromisoformat(each["received_on"])}) for each in said["deliveries"]],
        [(batch_id, delivery_id) for batch_id, delivery_id in said.get("instead_of", ())],
    )


def _read(path: Path) -> Manifest:
    return _read_at(path, path.stat().st_mtime_ns)


def latest(manifest: Manifest) -> int:
    return max((each.received_seq for each in manifest.deliveries), default=0)
