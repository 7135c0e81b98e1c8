"""Where the reading stands: one file, one line, and everything a reader needs to turn that line's resource into facts."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from carewright.exchange.fhir.authors import NOBODY, Npis
from carewright.exchange.fhir.facts import Facts
from carewright.exchange.fhir.references import Links
from carewright.exchange.fhir.roomy import RoomyDict
from carewright.exchange.fhir.values import Unreadable

Resource = dict[str, Any]

ENTERED_IN_ERROR = "entered-in-error"

FLAT = frozenset({str, int, float, bool, type(None), datetime.date, tuple})
"""What a field of a fact may be. A list or an object where a word belongs is not FHIR."""


@dataclass
class At:
    """
    The place being read, and where the facts go.

    `file` is the file's number in this run, `line` the line (or the bundle's entry), `tags` the sensitivity tags of the
    resource's own security labels, `own_id` its id (or the one its bundle gives it), `person` whom it is about.
    """

    facts: Facts = field(default_factory=Facts)
    links: Links = field(default_factory=Links)
    file: int = 0
    line: int = 0
    tags: str = ""
    own_id: str = ""
    person: str = ""
    received_on: datetime.date | None = None
    """When it came: nobody was born or died after that."""
    npis: Npis = NOBODY
    """Who stands behind the resource, as far as their NPIs are known."""
    billed: RoomyDict = field(default_factory=RoomyDict)
    """Ids of the claims an ExplanationOfBenefit speaks of: the Claim itself then says nothing new."""
    orders: RoomyDict = field(default_factory=RoomyDict)
    """fullUrl or `Observation/id` of a result → the order (panel) it belongs to, within a bundle."""

    def add(self, kind: str, row: tuple[Any, ...]) -> None:
        """One fact; `TypeError` when a field of it is no plain value, and then the resource is set aside."""
        if not FLAT.issuperset(map(type, row)):
            raise TypeError("a list or an object where a plain value belongs")
        self.facts.rows[kind].append(row)

    def add_all(self, kind: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Several facts of one resource: all of them or none."""
        made = list(rows)
        if not all(FLAT.issuperset(map(type, row)) for row in made):
            raise TypeError("a list or an object where a plain value belongs")
        self.facts.rows[kind] += made


def needed(value: Any, field_name: str, expected: str) -> Any:
    """The value; `Unreadable` when there is none and the fact would mean nothing without it."""
    if value is None or value == "":
        raise Unreadable(field_name, "nothing", expected, "Ask the sender to fill it in.")
    return value
