"""
What a program is: whom its rule speaks about, what it asks, what rules someone out, and which numbers a site may set.

Every line of a program's rule is phrased so that "yes" speaks for the person. A line answers yes, no or unknown, and
the lines fold into one verdict by `verdict`: the same few sentences that `marts/eligibility.sql` says to the warehouse.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from carewright.knowledge.source import Source

EVERY_PROGRAM = "every_program"
"""Stands in the place of a program's code for lines that hold for all programs: alive, covered, not in hospice."""


class Kind(StrEnum):
    """What a line of the rule decides."""

    SCOPE = "scope"  # a no means that the rule does not speak about this person
    EXCLUSION = "exclusion"  # a no rules the person out, whatever the other lines say
    NEED = "need"  # what the program looks for


class Verdict(StrEnum):
    """What a rule says about one person. Unknown is never a no: it says which data is missing."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    EXCLUDED = "excluded"


@dataclass(frozen=True)
class Threshold:
    """
    A number or word of the rule that a site may set, from a day on, with a reason.

    `least` and `most` bound whole numbers; `one_of` lists the words allowed. `unit` is said after the value.
    """

    key: str
    default: str
    words: str
    unit: str = ""
    least: int | None = None
    most: int | None = None
    one_of: tuple[str, ...] = ()

    def problem(self, value: str) -> str:
        """What is wrong with a value in one sentence; empty when it may be used."""
        value = value.strip()
        if self.one_of:
            return "" if value in self.one_of else f"Use one of: {', '.join(self.one_of)}."
        if not (value.isascii() and value.isdigit()):
            return f"Use a whole number, for example {self.default}."
        if self.least is not None and int(value) < self.least:
            return f"Use {self.least} or more."
        if self.most is not None and int(value) > self.most:
            return f"Use {self.most} or less."
        return ""


@dataclass(frozen=True)
class Criterion:
    """
    One line of the rule. Needs that share `any_of` are alternatives: one yes is enough for all of them.

    `words` says how the line is answered: when yes, when no, and when it stays unknown.
    """

    code: str
    kind: Kind
    label: str
    words: str
    any_of: str = ""


@dataclass(frozen=True)
class Program:
    """
    One program: its statement, its lines, its numbers, its sources.

    `statement` is the docstring of the program's file, so what is read aloud and what is on the page are one text.
    `version` changes whenever a line or a default changes.
    """

    code: str
    name: str
    short: str
    statement: str
    speaks_about: str
    criteria: tuple[Criterion, ...]
    thresholds: tuple[Threshold, ...]
    sources: tuple[Source, ...]
    version: str

    @property
    def is_reviewed(self) -> bool:
        """Whether someone qualified has reviewed the rule; until then no patient is told of it."""
        return all(source.is_reviewed for source in self.sources)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The statement, paragraph by paragraph, each on one line."""
        return tuple(" ".join(part.split()) for part in self.statement.strip().split("\n\n"))

    def threshold(self, key: str) -> Threshold | None:
        """The threshold with this key."""
        return next((threshold for threshold in self.thresholds if threshold.key == key), None)


def verdict(lines: Iterable[tuple[Kind, str, Verdict]]) -> Verdict:
    """
    Fold the lines of a rule into one verdict; each line is (kind, `any_of` or its own code, answer).

    A scope line that says no: the rule does not speak about this person. Otherwise an exclusion that says no: excluded.
    Otherwise a need that nothing meets: no. Otherwise anything unknown: unknown. Otherwise yes.
    """
    lines = list(lines)
    if any(kind == Kind.SCOPE and answer == Verdict.NO for kind, _group, answer in lines):
        return Verdict.NOT_APPLICABLE
    if any(kind == Kind.EXCLUSION and answer == Verdict.NO for kind, _group, answer in lines):
        return Verdict.EXCLUDED
    groups: dict[str, set[Verdict]] = {}
    for kind, group, answer in lines:
        if kind == Kind.NEED:
            groups.setdefault(group, set()).add(answer)
    if any(answers == {Verdict.NO} for answers in groups.values()):
        return Verdict.NO
    open_needs = any(Verdict.YES not in answers for answers in groups.values())
    open_others = any(kind != Kind.NEED and answer == Verdict.UNKNOWN for kind, _group, answer in lines)
    return Verdict.UNKNOWN if open_needs or open_others else Verdict.YES
