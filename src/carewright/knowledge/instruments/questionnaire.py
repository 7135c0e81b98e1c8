"""
What a questionnaire is made of: questions, the answers each allows, and when a question is asked at all.

The form on disk is the FHIR R4 Questionnaire, so that a site can bring its own. Of it we read groups, `enableWhen`,
repeated answers, required questions, answer lists (written out, or as a contained value set) and bounds of numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

KINDS = (
    "group", "display", "choice", "open-choice", "integer", "decimal", "boolean", "date", "string", "text",
)  # fmt: skip
OPERATORS = ("exists", "=", "!=", ">", "<", ">=", "<=")

Number = int | float


@dataclass(frozen=True)
class Option:
    """One answer a question allows. `points` is what it adds to a score; most answers add nothing."""

    code: str
    display: str
    system: str = ""
    points: Number | None = None


@dataclass(frozen=True)
class Condition:
    """One reason to ask a question: what another question must have as its answer."""

    link_id: str
    operator: str
    value: str | Number | bool


@dataclass(frozen=True)
class Item:
    """One question, one heading (`display`), or one group of them."""

    link_id: str
    text: str
    kind: str
    prefix: str = ""
    loinc: str = ""
    options: tuple[Option, ...] = ()
    enable_when: tuple[Condition, ...] = ()
    enable_any: bool = False
    repeats: bool = False
    required: bool = False
    read_only: bool = False
    least: Number | None = None
    most: Number | None = None
    children: tuple["Item", ...] = ()
    is_safety: bool = False
    sensitivity: str = ""

    @property
    def is_question(self) -> bool:
        """Whether a person answers it; groups and headings are not answered, and totals are calculated."""
        return self.kind not in ("group", "display") and not self.read_only

    @cached_property
    def by_code(self) -> dict[str, Option]:
        """The allowed answers by their code."""
        return {option.code: option for option in self.options}

    def walk(self) -> Iterator["Item"]:
        """This item and everything in it, in the order it is read."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Instrument:
    """
    One questionnaire, with the terms on which its text may be shown and how it is scored.

    `adult_from` is the youngest age it was made for; None means any age. A `is_receive_only` instrument holds codes without
    wording: answers are received from other systems, and nobody is asked. `licence` is printed wherever it is shown.
    `url` is the address by which answers to it name it. `translates` is the code of the instrument whose words it gives
    in another `language`; such a one is never asked by itself.
    """

    code: str
    title: str
    version: str
    licence: str
    items: tuple[Item, ...]
    purpose: str = ""
    source: str = ""
    edition: str = ""
    loinc: str = ""
    adult_from: int | None = None
    respondent: str = "patient"
    is_validated: bool = True
    is_receive_only: bool = False
    is_from_site: bool = False
    url: str = ""
    language: str = "en"
    translates: str = ""
    rules: "Rules" = field(default=None, repr=False)  # type: ignore[assignment,name-defined] # noqa: F821

    @property
    def is_adult_only(self) -> bool:
        """Whether it is refused for a child."""
        return self.adult_from is not None

    @property
    def asked_by_person_only(self) -> bool:
        """Whether it holds a question that only a person asks, never a form somebody else may see."""
        return any(item.is_safety for item in self.walk())

    @cached_property
    def by_link(self) -> dict[str, Item]:
        """Every item by its link id."""
        return {item.link_id: item for item in self.walk()}

    @cached_property
    def above(self) -> dict[str, Item]:
        """The group or question an item stands in, by the item's link id; nothing for those that stand in none."""
        return {child.link_id: item for item in self.walk() for child in item.children}

    def walk(self) -> Iterator[Item]:
        """Every item in the order it is read, groups before what is in them."""
        for item in self.items:
            yield from item.walk()

    def questions(self) -> tuple[Item, ...]:
        """Everything a person answers, in order."""
        return tuple(item for item in self.walk() if item.is_question)
