"""
Answers, however they come: as codes, as words, as points, or in a FHIR QuestionnaireResponse.

Inside the house an answer is a code (choice), a tuple (where several may be given), a number, a yes or no, a day or a
text. A question somebody would not answer holds `DECLINED`, which is neither an answer nor silence.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from carewright.kernel.errors import BadInput
from carewright.knowledge.instruments.questionnaire import Instrument, Item


class _Declined:
    """The person was asked and would not say."""

    def __repr__(self) -> str:
        return "DECLINED"


DECLINED: Final = _Declined()
One = str | int | float | bool
Value = One | tuple[One, ...] | _Declined
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
YES = ("yes", "LA33-6")
NO = ("no", "LA32-8")


def read(instrument: Instrument, given: Mapping[str, Any], *, where: str = "the answers") -> dict[str, Value]:
    """
    Answers in the form of the house, from a `{linkId: answer}` object or a FHIR QuestionnaireResponse.

    Totals in the input are left out: they are calculated here. What does not read is a `BadInput` that says how to mend it.
    """
    if not isinstance(given, Mapping):
        raise BadInput(where, type(given).__name__, "an object of questions and answers")
    pairs = _from_response(instrument, given, where) if "resourceType" in given else given.items()
    links = _links(instrument)
    found: dict[str, Value] = {}
    for link, raw in pairs:
        item = links.get(str(link))
        if item is None:
            some = ", ".join(question.link_id for question in instrument.questions()[:4])
            raise BadInput(where, str(link), f"a question of {instrument.code}", f"Its questions are {some}, …")
        if raw is None or item.read_only or not item.is_question:
            continue
        value = one_answer(item, raw, where=f"{where}, {item.link_id}")
        if value is not None:
            found[item.link_id] = value
    return found


def one_answer(item: Item, raw: Any, *, where: str) -> Value | None:
    """One answer to one question; None where nothing was given."""
    if raw is DECLINED or (isinstance(raw, Mapping) and raw.get("declined") is True):
        return DECLINED
    if isinstance(raw, list | tuple | set | frozenset):
        several = [_single(item, part, where) for part in raw if part is not None]
        if not item.repeats:
            if len(several) > 1:
                raise BadInput(where, ", ".join(map(str, several)), "one answer")
            return several[0] if several else None
        return tuple(dict.fromkeys(several)) or None
    if isinstance(raw, str) and not raw.strip():
        return None
    single = _single(item, raw, where)
    return (single,) if item.repeats else single


def _single(item: Item, raw: Any, where: str) -> One:
    if isinstance(raw, Mapping):
        raw = _coding(raw, where)
    match item.kind:
        case "choice" | "open-choice":
            return _choice(item, raw, where)
        case "integer" | "decimal":
            return _number(item, raw, where)
        case "boolean":
            return _boolean(raw, where)
        case "date":
            return _day(raw, where)
    if not isinstance(raw, str):
        raise BadInput(where, str(raw), "a text")
    return raw.strip()


def _choice(item: Item, raw: Any, where: str) -> str:
    if isinstance(raw, bool):
        named = [code for code in (YES if raw else NO) if code in item.by_code]
        if named:
            return named[0]
    elif isinstance(raw, int | float):
        by_points = [option.code for option in item.options if option.points == raw]
        if len(by_points) == 1:
            return by_points[0]
    elif isinstance(raw, str):
        said = raw.strip()
        if said in item.by_code:
            return said
        by_words = [option.code for option in item.options if option.display.casefold() == said.casefold()]
        if len(by_words) == 1:
            return by_words[0]
        if item.kind == "open-choice" and said:
            return said
    allowed = "; ".join(
        f"{option.code}" + (f" ({option.display})" if option.display else "") for option in item.options
    )
    raise BadInput(where, str(raw), f"one of {allowed}")


def _number(item: Item, raw: Any, where: str) -> int | float:
    number = raw
    if isinstance(raw, str):
        try:
            number = float(raw) if "." in raw else int(raw)
        except ValueError:
            number = None
    whole = item.kind == "integer"
    if (
        number is None or isinstance(number, bool) or not isinstance(number, int | float)
        or number != number or (whole and number != int(number))
    ):  # fmt: skip
        raise BadInput(where, str(raw), "a whole number" if whole else "a number")
    if (item.least is not None and number < item.least) or (item.most is not None and number > item.most):
        bounds = f"between {item.least} and {item.most}" if item.most is not None else f"of {item.least} or more"
        raise BadInput(where, str(raw), f"a number {bounds}")
    return int(number) if whole else number


def _boolean(raw: Any, where: str) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.casefold() in ("true", "yes", "false", "no"):
        return raw.casefold() in ("true", "yes")
    raise BadInput(where, str(raw), "yes or no")


def _day(raw: Any, where: str) -> str:
    try:
        return date.fromisoformat(str(raw)).isoformat()
    except ValueError:
        raise BadInput(where, str(raw), "a date written YYYY-MM-DD") from None


def _coding(raw: Mapping[str, Any], where: str) -> Any:
    """What a FHIR answer carries: `{"valueCoding": {"code": …}}`, `{"code": …}`, `{"valueInteger": …}`."""
    for key, value in raw.items():
        if key.startswith("value"):
            return _coding(value, where) if isinstance(value, Mapping) else value
    if "code" in raw:
        return raw["code"]
    if "display" in raw:
        return raw["display"]
    raise BadInput(where, str(dict(raw)), "an answer with a value")


def _links(instrument: Instrument) -> dict[str, Item]:
    """Questions by their link id, and by their LOINC code where only one question has it."""
    codes = [item.loinc for item in instrument.walk() if item.loinc]
    by_loinc = {item.loinc: item for item in instrument.walk() if item.loinc and codes.count(item.loinc) == 1}
    return by_loinc | instrument.by_link


def _from_response(instrument: Instrument, response: Mapping[str, Any], where: str) -> Iterator[tuple[str, Any]]:
    if response["resourceType"] != "QuestionnaireResponse":
        raise BadInput(f"{where}, resourceType", str(response["resourceType"]), "a QuestionnaireResponse")
    named = str(response.get("questionnaire") or "").split("|")[0].replace(":", "/").rstrip("/").rpartition("/")[2]
    from carewright.knowledge.instruments.shelf import shipped

    if named and named != instrument.code and named in shipped():
        raise BadInput(f"{where}, questionnaire", named, instrument.code, "Score it as the instrument it answers.")
    yield from _from_items(response.get("item", []), where)


def _from_items(items: Any, where: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(items, list):
        raise BadInput(f"{where}, item", type(items).__name__, "a list of items")
    for item in items:
        if not isinstance(item, Mapping) or not isinstance(item.get("linkId"), str):
            raise BadInput(f"{where}, item", str(item)[:60], "an item with a linkId")
        given = item.get("answer") or []
        if not isinstance(given, list) or not all(isinstance(part, Mapping) for part in given):
            raise BadInput(f"{where}, {item['linkId']}", str(given)[:60], "a list of answers")
        if given:
            declined = any(_is_declined(part) for part in given)
            values = [{key: value for key, value in part.items() if key.startswith("value")} for part in given]
            yield item["linkId"], DECLINED if declined else [value for value in values if value]
        for part in given:
            yield from _from_items(part.get("item") or [], where)
        yield from _from_items(item.get("item") or [], where)


def _is_declined(part: Mapping[str, Any]) -> bool:
    held = [part, *(value for value in part.values() if isinstance(value, Mapping))]
    return any(
        extension.get("url") == ABSENT and extension.get("valueCode") == "asked-declined"
        for mapping in held
        for extension in mapping.get("extension", [])
        if isinstance(extension, Mapping)
    )
