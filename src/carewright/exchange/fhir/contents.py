"""
What stands in a bundle: its entries one after the other, and by the names others point at them with.

Of a small bundle everything is held. Of a large one the names lie on the disk (`RoomyDict`), and an entry is read again when its
turn comes or when another points at it.
"""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from carewright.exchange.fhir.large import Entries, Lazily, remembering
from carewright.exchange.fhir.references import Directory
from carewright.exchange.fhir.roomy import RoomyDict


class Entry(NamedTuple):
    """One entry: the line or number it is told by, its resource and kind, its id (or one we give it), its address in the bundle."""

    line: int
    resource: Any
    kind: Any
    own: str
    address: Any


class Contents:
    """The entries of a bundle by their position, by `fullUrl`, and by kind and id."""

    def __init__(self, listed: list[Any] | Entries, delivery_id: str, line: int):
        self._listed, self._delivery_id, self._line = listed, delivery_id, line
        self._held: list[Entry] | None = None
        self.entries: Directory
        self.by_kind: Directory
        if isinstance(listed, Entries):
            self._name_on_disk(listed)
        else:
            self._hold(listed)

    def __len__(self) -> int:
        return len(self._listed)

    def __getitem__(self, position: int) -> Entry:
        if self._held is not None:
            return self._held[position]
        return self._entry(position, self._listed[position])

    def roomy(self) -> RoomyDict:
        """Room for what must be known of as many things as the bundle has entries."""
        return RoomyDict(self._listed.folder if isinstance(self._listed, Entries) else None)

    @property
    def has_doubles(self) -> bool:
        """Whether two entries may be the same resource."""
        return len(self.by_kind) < len(self)

    def _hold(self, listed: list[Any]) -> None:
        self._held = []
        entries, by_kind = {}, {}
        for position, given in enumerate(listed):
            entry = self._entry(position, given)
            self._held.append(entry)
            if isinstance(entry.kind, str):
                by_kind[sys.intern(entry.kind), entry.own] = entry.resource
            if isinstance(entry.address, str):
                entries[entry.address] = entry.resource
        self.entries, self.by_kind = entries, by_kind

    def _name_on_disk(self, listed: Entries) -> None:
        entries, by_kind = self.roomy(), self.roomy()
        for position, given in enumerate(listed):
            entry = self._entry(position, given)
            if isinstance(entry.kind, str):
                by_kind[entry.kind, entry.own] = position
            if isinstance(entry.address, str):
                entries[entry.address] = position
        resource: Callable[[int], Any] = remembering(lambda position: self[position].resource)
        self.entries, self.by_kind = Lazily(entries, resource), Lazily(by_kind, resource)

    def _entry(self, position: int, given: Any) -> Entry:
        number = position + 1
        line = self._line or number
        made_up = f"{self._delivery_id}-{line}-{number}"
        try:
            resource, address = given["resource"], given.get("fullUrl")
            kind, own = resource.get("resourceType"), resource.get("id") or own_id(resource, address)
        except (KeyError, TypeError, AttributeError):
            resource = given.get("resource", given) if isinstance(given, dict) else given
            return Entry(line, resource, None, made_up, None)
        if not isinstance(own, str):
            own = made_up
        if isinstance(address, str) and isinstance(resource.get("id"), str | None):
            resource["id"] = own
        return Entry(line, resource, kind, own, address)


def own_id(resource: Any, address: Any) -> str | None:
    """A resource's id: its own, else the one its bundle's address gives it."""
    own = resource.get("id") if isinstance(resource, dict) else None
    if isinstance(own, str) and own:
        return own
    if isinstance(address, str) and address:
        return address.rpartition(":" if address.startswith("urn:") else "/")[2] or None
    return None
