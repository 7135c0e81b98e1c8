"""
Reading a FHIR R4 Questionnaire, ours or a site's.

A site may load its own. What we cannot keep to is refused with a sentence that names the file, the question and the way
out, before anybody is asked anything: a form that half works is worse than none.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from carewright.kernel.errors import BadInput
from carewright.knowledge.instruments.questionnaire import KINDS, OPERATORS, Condition, Instrument, Item, Option
from carewright.knowledge.instruments.rules import Rules, read_rules

POINTS = (
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
)
EDITION = "urn:carewright:edition"
LOINC = "http://loinc.org"


def read_instrument(
    resource: Any, said: Mapping[str, Any] | None, *, where: str, from_site: bool = False
) -> Instrument:
    """One Questionnaire with its scoring (`said`, its part of scoring.json), checked through and through."""
    said = said or {}
    if not isinstance(resource, Mapping) or resource.get("resourceType") != "Questionnaire":
        found = resource.get("resourceType") if isinstance(resource, Mapping) else type(resource).__name__
        raise BadInput(f"{where}, resourceType", str(found), "a FHIR Questionnaire")
    code = resource.get("id") or ""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,48}", str(code)):
        raise BadInput(f"{where}, id", str(code), "a short name in small letters, digits and hyphens")
    for key, why in (("title", "a title"), ("version", "a version"), ("copyright", "on what terms its text is used")):
        if not str(resource.get(key) or "").strip():
            raise BadInput(f"{where}, {key}", "", why)
    marks = _Marks(resource, said)
    items = tuple(_item(row, marks, where) for row in _list(resource.get("item"), f"{where}, item"))
    instrument = Instrument(
        code=str(code),
        title=str(resource["title"]),
        version=str(resource["version"]),
        licence=str(resource["copyright"]),
        items=items,
        purpose=str(resource.get("purpose") or ""),
        source=str(resource.get("publisher") or ""),
        edition=_extension(resource, (EDITION,)) or "",
        loinc=_loinc(resource),
        adult_from=said.get("adult_from"),
        respondent=said.get("respondent", "patient"),
        is_validated=not said.get("unvalidated", False),
        is_receive_only=said.get("receive_only", False),
        is_from_site=from_site,
        url=str(resource.get("url") or ""),
        language=str(resource.get("language") or "en"),
        translates=_translates(resource, where),
        rules=Rules(),
    )
    _check(instrument, where)
    return replace(instrument, rules=read_rules(said, instrument, f"{where}, scoring"))


def _translates(resource: Mapping[str, Any], where: str) -> str:
    """The instrument a translation is of: the last word of its `derivedFrom`; nothing for one in its own right."""
    given = _list(resource.get("derivedFrom") or [], f"{where}, derivedFrom")
    if not given or str(resource.get("language") or "en").partition("-")[0] == "en":
        return ""
    return str(given[0]).partition("|")[0].replace(":", "/").rstrip("/").rpartition("/")[2].lower()


class _Marks:
    """What a whole questionnaire says about its items: its answer lists, and which questions are kept closer."""

    def __init__(self, resource: Mapping[str, Any], said: Mapping[str, Any]) -> None:
        self.safety = frozenset(said.get("safety_items", []))
        self.of_all = said.get("sensitivity", "")
        self.of_item = said.get("sensitive_items", {}) | {
            link: said["safety_sensitivity"] for link in self.safety if "safety_sensitivity" in said
        }
        self.lists = {
            f"#{row['id']}": row
            for row in resource.get("contained", [])
            if isinstance(row, Mapping) and row.get("resourceType") == "ValueSet" and "id" in row
        }

    def sensitivity(self, link: str) -> str:
        return self.of_item.get(link, self.of_all)


def _item(row: Any, marks: _Marks, where: str) -> Item:
    if not isinstance(row, Mapping) or not str(row.get("linkId") or "").strip():
        raise BadInput(f"{where}, item", str(row)[:60], "a question with a linkId")
    link = str(row["linkId"])
    here = f"{where}, {link}"
    kind = str(row.get("type") or "")
    if kind not in KINDS:
        raise BadInput(f"{here}, type", kind, f"one of {', '.join(KINDS)}", "Ask it as one of these, or leave it out.")
    if kind == "group" and row.get("repeats"):
        raise BadInput(
            f"{here}, repeats", "a repeating group", "a group asked once", "Let its questions repeat instead."
        )
    if not str(row.get("text") or "").strip():
        raise BadInput(f"{here}, text", "", "the words of the question")
    options = _options(row, marks, here)
    if kind == "choice" and not options:
        raise BadInput(
            f"{here}, answerOption", "none", "answers to choose from", "List them, or contain the value set."
        )
    repeated = [option.code for option in options]
    if len(set(repeated)) < len(repeated):
        raise BadInput(f"{here}, answerOption", ", ".join(repeated), "each answer once")
    return Item(
        link_id=link,
        text=str(row["text"]),
        kind=kind,
        prefix=str(row.get("prefix") or "").rstrip("."),
        loinc=_loinc(row),
        options=options,
        enable_when=tuple(_condition(when, here) for when in _list(row.get("enableWhen") or [], f"{here}, enableWhen")),
        enable_any=row.get("enableBehavior") == "any",
        repeats=bool(row.get("repeats")),
        required=bool(row.get("required")),
        read_only=bool(row.get("readOnly")),
        least=_extension(row, ("http://hl7.org/fhir/StructureDefinition/minValue",)),
        most=_extension(row, ("http://hl7.org/fhir/StructureDefinition/maxValue",)),
        children=tuple(_item(child, marks, where) for child in _list(row.get("item") or [], f"{here}, item")),
        is_safety=link in marks.safety,
        sensitivity=marks.sensitivity(link),
    )


def _options(row: Mapping[str, Any], marks: _Marks, where: str) -> tuple[Option, ...]:
    if "answerValueSet" in row:
        held = marks.lists.get(str(row["answerValueSet"]))
        if held is None:
            raise BadInput(
                f"{where}, answerValueSet", str(row["answerValueSet"]), "a value set contained in the same file"
            )
        return tuple(
            Option(
                str(concept["code"]), str(concept.get("display") or ""), str(part.get("system") or ""), _points(concept)
            )
            for part in held.get("compose", {}).get("include", [])
            for concept in part.get("concept", [])
        )
    return tuple(_option(option, where) for option in _list(row.get("answerOption") or [], f"{where}, answerOption"))


def _option(option: Any, where: str) -> Option:
    if isinstance(option, Mapping):
        coding = option.get("valueCoding")
        if isinstance(coding, Mapping) and coding.get("code"):
            points = _points(option)
            return Option(
                str(coding["code"]), str(coding.get("display") or ""), str(coding.get("system") or ""),
                points if points is not None else _points(coding),
            )  # fmt: skip
        for key in ("valueString", "valueInteger"):
            if key in option:
                return Option(str(option[key]), str(option[key]), "", _points(option))
    raise BadInput(f"{where}, answerOption", str(option)[:60], "an answer with a code")


def _condition(when: Any, where: str) -> Condition:
    if not isinstance(when, Mapping) or when.get("operator") not in OPERATORS:
        found = when.get("operator") if isinstance(when, Mapping) else when
        raise BadInput(f"{where}, enableWhen", str(found), f"one of {', '.join(OPERATORS)}")
    value = next((when[key] for key in when if key.startswith("answer")), None)
    if isinstance(value, Mapping):
        value = value.get("code")
    if value is None:
        raise BadInput(f"{where}, enableWhen", str(dict(when)), "the answer it waits for")
    return Condition(str(when.get("question")), str(when["operator"]), value)


def _check(instrument: Instrument, where: str) -> None:
    links = [item.link_id for item in instrument.walk()]
    twice = next((link for link in links if links.count(link) > 1), None)
    if twice:
        raise BadInput(f"{where}, {twice}", "a linkId used twice", "a linkId of its own for each question")
    if not instrument.questions():
        raise BadInput(f"{where}, item", "no question", "at least one question")
    waits: dict[str, set[str]] = {}
    for item in instrument.walk():
        for condition in item.enable_when:
            asked = instrument.by_link.get(condition.link_id)
            if asked is None or not asked.is_question:
                raise BadInput(f"{where}, {item.link_id}, enableWhen", condition.link_id, "the linkId of a question")
            is_code = condition.operator in ("=", "!=") and asked.kind == "choice"
            if is_code and condition.value not in asked.by_code:
                raise BadInput(
                    f"{where}, {item.link_id}, enableWhen", str(condition.value), "an answer of that question"
                )
            for inside in item.walk():
                waits.setdefault(inside.link_id, set()).add(condition.link_id)
    for link in waits:
        if link in _reached(link, waits):
            raise BadInput(f"{where}, {link}, enableWhen", "a circle", "questions that do not wait for each other")


def _reached(link: str, waits: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    edge = list(waits.get(link, ()))
    while edge:
        following = edge.pop()
        if following not in found:
            found.add(following)
            edge += waits.get(following, ())
    return found


def _points(row: Mapping[str, Any]) -> int | float | None:
    return _extension(row, POINTS)


def _extension(row: Mapping[str, Any], urls: tuple[str, ...]) -> Any:
    for extension in row.get("extension", []):
        if isinstance(extension, Mapping) and extension.get("url") in urls:
            return next((value for key, value in extension.items() if key.startswith("value")), None)
    return None


def _loinc(row: Mapping[str, Any]) -> str:
    codes = [code for code in row.get("code", []) if isinstance(code, Mapping) and code.get("system") == LOINC]
    return str(codes[0].get("code", "")) if codes else ""


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadInput(where, type(value).__name__, "a list")
    return value
