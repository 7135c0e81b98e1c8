"""One record as it is compared: its names, dates and numbers in a shape in which equal things are equal."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from carewright.registry.names import name_key

SUFFIXES = {
    "jr": "jr", "junior": "jr", "sr": "sr", "senior": "sr", "ii": "ii", "2nd": "ii", "iii": "iii", "3rd": "iii",
    "iv": "iv", "4th": "iv", "v": "v", "5th": "v",
}  # fmt: skip
NOT_NAMES = frozenset(
    [
        "baby",
        "babyboy",
        "babygirl",
        "boy",
        "girl",
        "newborn",
        "infant",
        "male",
        "female",
        "bb",
        "bg",
        "twin",
        "triplet",
        "unknown",
        "unnamed",
        "nn",
        "test",
        "patient",
    ]
)
"""Words that stand where a name will be: a newborn's before it has one, a stranger's in an emergency room."""

ONE_EACH = frozenset({"mrn", "mbi", "ssn", "medicaid_id"})
"""Kinds of numbers of which an assigner gives one person one: two different ones are a sign of two people."""

STREET_WORDS = {
    "street": "st", "avenue": "ave", "road": "rd", "drive": "dr", "lane": "ln", "boulevard": "blvd", "court": "ct",
    "place": "pl", "apartment": "apt", "unit": "apt", "suite": "apt", "north": "n", "south": "s", "east": "e", "west": "w",
}  # fmt: skip


@dataclass(frozen=True)
class Described:
    """
    What one record says, ready to compare. Empty is "not said" and speaks neither for nor against.

    `numbers` are (kind, assigner, value); `members` are (payer, member id).
    """

    id: int
    given: str = ""
    family: str = ""
    suffix: str = ""
    born_on: date | None = None
    died_on: date | None = None
    sex: str = "unknown"
    street: str = ""
    zip_code: str = ""
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    members: frozenset[tuple[str, str]] = frozenset()
    numbers: frozenset[tuple[str, str, str]] = field(default_factory=frozenset)

    @property
    def first(self) -> str:
        """The first word of the given name."""
        return self.given.partition(" ")[0]

    @property
    def has_no_name_yet(self) -> bool:
        """Whether the given name is a placeholder: "Baby boy", "Newborn", "Twin A"."""
        words = self.given.split()
        return any(word in NOT_NAMES for word in words) or self.given.startswith(("baby", "newborn"))


def describe(
    id: int, *, given_name: str = "", family_name: str = "", name_suffix: str = "", born_on: date | None = None,
    died_on: date | None = None, sex: str = "unknown", line: str = "", zip_code: str = "", phones: Iterable[str] = (),
    emails: Iterable[str] = (), members: Iterable[tuple[str, str]] = (),
    numbers: Iterable[tuple[str, str, str]] = (),
) -> Described:  # fmt: skip
    """
    Put a record in the shape it is compared in.

    >>> describe(1, given_name="José Luis", family_name="Núñez Jr.").suffix
    'jr'
    >>> describe(1, family_name="O'Neil-Ortega").family
    'oneil ortega'
    """
    family, suffix = without_suffix(family_name, name_suffix)
    given, also = without_suffix(given_name, "")
    return Described(
        id=id, given=given, family=family, suffix=suffix or also, born_on=born_on, died_on=died_on, sex=sex,
        street=street_key(line), zip_code=zip_code.strip()[:5],
        phones=frozenset(filter(None, map(phone_key, phones))),
        emails=frozenset(email.strip().casefold() for email in emails if email.strip()),
        members=frozenset((payer, number) for payer, number in members if number),
        numbers=frozenset(numbers),
    )  # fmt: skip


def without_suffix(name: str, suffix: str) -> tuple[str, str]:
    """A name without junior, senior or a numeral, and which of them it was."""
    words = name_key(name).split()
    said = SUFFIXES.get(name_key(suffix).replace(" ", ""), "")
    while len(words) > 1 and words[-1] in SUFFIXES:
        said = said or SUFFIXES[words[-1]]
        words.pop()
    return " ".join(words), said


def street_key(line: str) -> str:
    """A street as it is compared: "12 Elm Street, Apt. 4" and "12 elm st apartment 4" are one."""
    return " ".join(STREET_WORDS.get(word, word) for word in name_key(line).split())


def phone_key(value: str) -> str:
    """The last ten digits of a number; nothing for what is too short, or one digit over and over."""
    digits = re.sub(r"[xX#].*$|[^0-9]", "", value)[-10:]
    return digits if len(digits) == 10 and len(set(digits)) > 2 else ""
