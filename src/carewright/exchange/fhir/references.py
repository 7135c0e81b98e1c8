"""
Who and what a resource points at.

FHIR points in five ways, and all of them occur in practice:

* `urn:uuid:…`                          another entry of the same bundle, named by its `fullUrl`
* `Patient/123` or `https://…/Patient/123`  a resource by kind and id, in this file or in another
* `#x`                                  a resource carried inside this one
* `Practitioner?identifier=system|value`    by a number; Synthea's bulk export points at professionals so
* no `reference`, only an `identifier`       the same, said differently

A pointer inside a bundle that names no entry of it resolves nowhere. A pointer by kind and id may name something that
came in another file, so it is taken at its word.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from carewright.exchange.fhir import codes
from carewright.exchange.fhir.large import Lazily
from carewright.exchange.fhir.roomy import RoomyDict
from carewright.exchange.fhir.values import Unreadable, npi

Resource = dict[str, Any]
Directory = dict[Any, Any] | Lazily
"""What can be pointed at in a bundle, by name: the resources themselves, or of a large bundle where they stand."""
ENOUGH = 50_000
PARTS = ("npis", "names", "medications")
"""What is kept of a feed for its later files (`remembered`)."""


@dataclass
class Links:
    """What can be pointed at: the entries of the bundle being read, and the directory of everything read so far."""

    entries: Directory = field(default_factory=dict)
    """`fullUrl` → resource, of the bundle being read."""
    by_kind: Directory = field(default_factory=dict)
    """(kind, id) → the same resources."""
    by_identifier: RoomyDict = field(default_factory=RoomyDict)
    """(kind, `system|value`) → id: people of this bundle by their numbers."""
    npis: RoomyDict = field(default_factory=RoomyDict)
    """`Practitioner/1`, `Organization/1` → NPI, of every file read so far."""
    names: RoomyDict = field(default_factory=RoomyDict)
    """The same → name."""
    medications: RoomyDict = field(default_factory=RoomyDict)
    """`Medication/1` → its concept, of every file read so far."""
    known_targets: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    """References resolved already: one visit is pointed at by everything that happened in it."""

    known_npis: dict[str, str | None] = field(default_factory=dict)
    """The same for who they are."""
    new: dict[str, RoomyDict] = field(default_factory=lambda: {part: RoomyDict() for part in PARTS})
    """What `learn` heard first: part by part, key and value."""

    @classmethod
    def with_room(cls, folder: Path) -> Self:
        """Links that lay in this folder what does not fit into memory."""
        new = {part: RoomyDict(folder) for part in PARTS}
        return cls(npis=RoomyDict(folder), names=RoomyDict(folder), medications=RoomyDict(folder), new=new)

    def learn(self, part: str, key: str, value: Any) -> None:
        """Later files point at professionals, places and medicines by id only: what this one is."""
        known: RoomyDict = getattr(self, part)
        if known.get(key) != value:
            known[key] = self.new[part][key] = value

    def open_bundle(self, entries: Directory, by_kind: Directory, room: RoomyDict) -> None:
        """Forget the bundle before, and point into this one: by `fullUrl`, and by kind and id; with `room` for numbers."""
        self.entries = entries
        self.by_kind = by_kind
        self.by_identifier = room
        self.known_targets = {}
        self.known_npis = {}
        for kind, own in by_kind:
            if kind == "Patient":
                for number in _list(by_kind[kind, own].get("identifier")):
                    if isinstance(number, dict) and number.get("value"):
                        self.by_identifier["Patient", f"{number.get('system', '')}|{number['value']}"] = own

    def leave_bundle(self) -> None:
        """What stands alone points at no entries."""
        if self.entries or self.by_kind or len(self.known_targets) > ENOUGH:
            self.open_bundle({}, {}, RoomyDict())

    def target(self, reference: str) -> tuple[str, str] | None:
        """The kind and id of what a reference names, or None when it resolves nowhere."""
        try:
            return self.known_targets[reference]
        except KeyError:
            found = self._target(reference)
            if len(self.known_targets) > ENOUGH:
                self.known_targets.clear()
            self.known_targets[reference] = found
            return found

    def _target(self, reference: str) -> tuple[str, str] | None:
        entry = self.entries.get(reference)
        if entry is not None:
            kind = entry.get("resourceType", "")
            return kind, str(entry.get("id") or reference.rpartition(":")[2])
        if reference.startswith(("urn:", "#")):
            return None
        if "?" in reference:
            kind, _, query = reference.partition("?")
            name, _, value = query.partition("=")
            if name != "identifier":
                return None
            known = self.by_identifier.get((kind, value))
            return (kind, known) if known else (kind, value.rpartition("|")[2])
        path = reference.partition("/_history/")[0].split("/")
        return (path[-2], path[-1]) if len(path) >= 2 and path[-1] else None

    def person(self, resource: Resource, key: str) -> str | None:
        """
        The `person_id` a resource is about, or None when it is about a group or a place.

        Raises `Unreadable` when it names nobody, or somebody who is nowhere.
        """
        pointer = resource.get(key)
        reference = pointer.get("reference") if pointer else None
        if not reference:
            number = (pointer or {}).get("identifier") or {}
            named = self.by_identifier.get(("Patient", f"{number.get('system', '')}|{number.get('value')}"))
            if named:
                return named
            raise Unreadable(
                key,
                "nothing" if not pointer else "an entry without reference",
                "a reference to the Patient this is about",
                "Ask the sender to say whose it is.",
            )
        if reference.startswith("Patient/") and reference.count("/") == 1:
            return reference[8:]
        found = self.target(reference)
        if found is None or (found[0] == "Patient" and "?" in reference and not self._known(reference)):
            raise Unreadable(
                key,
                reference,
                "a reference to a Patient of this bundle, or of the form Patient/id",
                "Ask the sender to include that Patient.",
            )
        return found[1] if found[0] == "Patient" else None

    def _known(self, reference: str) -> bool:
        kind, _, query = reference.partition("?")
        return (kind, query.partition("=")[2]) in self.by_identifier

    def id_of(self, pointer: dict[str, Any] | None) -> str | None:
        """Only the id of what is pointed at (an encounter, an order); None when it resolves nowhere."""
        reference = pointer.get("reference") if pointer else None
        if not reference:
            return None
        found = self.target(reference)
        return found[1] if found else None

    def resource(self, pointer: dict[str, Any] | None, holder: Resource) -> Resource | None:
        """The resource itself, when it is inside `holder` or in the same bundle."""
        reference = (pointer or {}).get("reference") or ""
        if reference.startswith("#"):
            for inside in _list(holder.get("contained")):
                if inside.get("id") == reference[1:]:
                    return inside
            return None
        found = self.entries.get(reference)
        if found is None and reference and self.by_kind:
            target = self.target(reference)
            found = self.by_kind.get(target) if target else None
        return found

    def npi_of(self, pointer: dict[str, Any] | None, holder: Resource) -> str | None:
        """The NPI of the professional or place pointed at, when anybody said it."""
        if not pointer:
            return None
        number = pointer.get("identifier")
        if number and is_npi(number):
            return npi(number.get("value"))
        reference = pointer.get("reference") or ""
        if reference[:1] == "#":
            return self._npi_of(reference, pointer, holder)
        try:
            return self.known_npis[reference]
        except KeyError:
            found = self._npi_of(reference, pointer, holder)
            if len(self.known_npis) > ENOUGH:
                self.known_npis.clear()
            self.known_npis[reference] = found
            return found

    def _npi_of(self, reference: str, pointer: dict[str, Any], holder: Resource) -> str | None:
        if "?identifier=" in reference:
            system, _, value = reference.partition("?identifier=")[2].partition("|")
            return npi(value) if system == codes.NPI else None
        inside = self.resource(pointer, holder)
        if inside is not None:
            own = own_npi(inside)
            if own is None and inside.get("resourceType") == "PractitionerRole":
                who = inside.get("practitioner")
                return self.npi_of(who, inside) if isinstance(who, dict) else None
            return own
        found = self.target(reference) if reference else None
        return self.npis.get(f"{found[0]}/{found[1]}") if found else None

    def provider(self, pointer: dict[str, Any] | None, holder: Resource) -> str | None:
        """How a professional or place lands: by NPI when it is known, else by the source's id for it."""
        if not pointer:
            return None
        known = self.npi_of(pointer, holder)
        if known:
            return known
        return self.id_of(pointer) or (pointer.get("identifier") or {}).get("value")

    def name_of(self, pointer: dict[str, Any] | None, holder: Resource) -> str | None:
        """The name of what is pointed at: as shown beside the pointer, or as its own resource has it."""
        if not pointer:
            return None
        if pointer.get("display"):
            return pointer["display"]
        inside = self.resource(pointer, holder)
        if inside is not None:
            said = inside.get("name")
            return said if isinstance(said, str) else full_name(said)
        found = self.target(pointer.get("reference") or "") if pointer.get("reference") else None
        return self.names.get(f"{found[0]}/{found[1]}") if found else None


def is_npi(number: dict[str, Any]) -> bool:
    """Whether an identifier says of itself that it is an NPI, by its system or by its type."""
    system = number.get("system")
    if system == codes.NPI or (system or "").endswith("npi_num"):
        return True
    kind = number.get("type") or {}
    return any(coding.get("code") in codes.NPI_TYPES for coding in _list(kind.get("coding")))


def own_npi(resource: Resource) -> str | None:
    """The NPI among a professional's or place's own identifiers."""
    for number in _list(resource.get("identifier")):
        if is_npi(number):
            found = npi(number.get("value"))
            if found:
                return found
    return None


def full_name(names: list[dict[str, Any]] | None) -> str | None:
    """A person's name in one line."""
    for name in _list(names):
        if name.get("text"):
            return name["text"]
        parts = [*_list(name.get("given")), name.get("family"), *_list(name.get("suffix"))]
        said = " ".join(part for part in parts if part)
        if said:
            return said
    return None


def _list(value: Any) -> list[Any]:
    """The value when it is a list, else an empty one: used where a wrong shape should not matter."""
    return value if isinstance(value, list) else []
