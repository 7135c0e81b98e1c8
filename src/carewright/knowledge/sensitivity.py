"""
What is kept closer than the rest: which codes say something a person may not want everyone on the team to read.

Read aloud: treatment for substance use at a program that holds itself out as such is protected by federal law whoever
asks (42 CFR Part 2), and is known by *who* gave it, never by the diagnosis alone. Mental health, HIV, sexual and
reproductive health, and safety at home are known by their codes. A tag closes nothing by itself: it travels with the
fact, and the guard decides per role.

The codes stand in `value_sets/sensitive_codes.csv`. Most of that list is remembered, not read from a published value
set, and says so line by line: it is a starting point for an organization's privacy officer, not the law.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CODES = Path(__file__).parent / "value_sets" / "sensitive_codes.csv"

TAGS = {
    "behavioral": "Mental health, and substance use treated outside a protected program",
    "hiv": "HIV",
    "minor": "A confidential service to someone under 18",
    "part2": "Substance use treatment protected by 42 CFR Part 2",
    "reproductive": "Sexual and reproductive health",
    "safety": "Violence or abuse between people",
}
"""Every tag there is, and what it says in words."""

BY_CODE = ("behavioral", "hiv", "reproductive", "safety")
"""The tags a code can bring. `part2` comes from the source, `minor` from the age."""


@dataclass(frozen=True)
class SensitiveCode:
    """One line of the table: codes of this system that begin with (or, where `exact`, are) `code` bring `tag`."""

    code_system: str
    code: str
    exact: bool
    tag: str


@cache
def sensitive_codes() -> tuple[SensitiveCode, ...]:
    """The whole table, in the order it is written."""
    with CODES.open(encoding="utf-8", newline="") as file:
        file.readline()
        return tuple(
            SensitiveCode(row["code_system"], row["code"], row["match"] == "exact", row["tag"])
            for row in csv.DictReader(file)
        )


def systems() -> tuple[str, ...]:
    """The code systems the table knows."""
    return tuple(sorted({line.code_system for line in sensitive_codes()}))


def tags_for(code_system: str, code: str) -> frozenset[str]:
    """
    The tags one code brings.

    >>> sorted(tags_for("icd10cm", "F32.9"))
    ['behavioral']
    >>> sorted(tags_for("icd10cm", "E11.9"))
    []
    """
    written = plain(code)
    return frozenset(
        line.tag
        for line in sensitive_codes()
        if line.code_system == code_system and (written == line.code if line.exact else written.startswith(line.code))
    )


def plain(code: str) -> str:
    """A code as it lands: upper case, without dots and spaces around it."""
    return code.strip().replace(".", "").upper()


@cache
def pattern(code_system: str, tag: str) -> str:
    """
    A regular expression that finds any code of one system with this tag in codes joined by spaces; empty when none is.

    Written for RE2 (DuckDB): no look-around.
    """
    lines = [line for line in sensitive_codes() if line.code_system == code_system and line.tag == tag]
    if not lines:
        return ""
    begins = [line.code for line in lines if not line.exact]
    exact = [f"{line.code}(?: |$)" for line in lines if line.exact]
    return f"(?:^| )(?:{'|'.join(begins + exact)})"
