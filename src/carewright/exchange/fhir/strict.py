"""Full validation (`--strict`): the validator's own sentence on the first thing that is not FHIR R4."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from carewright.exchange.fhir.values import Unreadable

CUT_SHORT = "+"
"""How FHIR's short descriptions end a list of codes that goes on."""
THE_REST = {
    "registered | partial | preliminary": {
        "amended",
        "corrected",
        "appended",
        "cancelled",
        "entered-in-error",
        "unknown",
    },
    "registered | preliminary | final": {"corrected", "cancelled", "entered-in-error", "unknown"},
    "planned | arrived | triaged": {"entered-in-error", "unknown"},
}
"""The codes after the +, by how the list begins: statuses of DiagnosticReport, Observation and Encounter (FHIR R4, 4.0.1)."""


@cache
def _model(kind: str) -> Any:
    from fhir.resources.R4B import get_fhir_model_class

    return get_fhir_model_class(kind)


def validate(kind: str, resource: dict[str, Any]) -> None:
    """Say nothing of a valid resource; else `Unreadable` with the field and the validator's sentence."""
    said = first_fault(kind, resource) or _first_wrong_code(kind, resource)
    if said:
        field, sentence = said
        raise Unreadable(field, sentence, f"{kind} as FHIR R4 defines it", "Ask the sender to correct it.")


def first_fault(kind: str, resource: dict[str, Any]) -> tuple[str, str] | None:
    """The first field that breaks the definition, and the validator's sentence; None when there is none."""
    try:
        model = _model(kind)
    except (KeyError, LookupError, ImportError):
        return None
    try:
        model.model_validate(resource)
    except ValidationError as wrong:
        fault = wrong.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"] if part != "root") or kind
        return where, str(fault["msg"])
    except (TypeError, AttributeError, ValueError, RecursionError) as wrong:
        # the validator itself trips over some shapes (a number where an object belongs)
        return kind, str(wrong) or type(wrong).__name__
    return None


def _first_wrong_code(kind: str, resource: dict[str, Any]) -> tuple[str, str] | None:
    """The first field whose code is none of those FHIR R4 allows there; the validator itself lets any word pass."""
    try:
        valid = _model(kind).model_validate(resource)
    except (KeyError, LookupError, ImportError):
        return None
    return next(_wrong_codes(valid, ()), None)


def _wrong_codes(element: BaseModel, where: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name, field in type(element).model_fields.items():
        value, path = getattr(element, name, None), (*where, field.alias or name)
        for number, each in enumerate(value if isinstance(value, list) else [value]):
            at = (*path, str(number)) if isinstance(value, list) else path
            if isinstance(each, BaseModel):
                yield from _wrong_codes(each, at)
            elif isinstance(each, str) and (allowed := _allowed(field.json_schema_extra)) and each not in allowed:
                yield ".".join(at), f"'{each}' is none of {', '.join(sorted(allowed))}"


def _allowed(said: Any) -> set[str]:
    """The codes a field may hold, none when any may: the validator's own list, with what stands for a + put in."""
    listed = said.get("enum_values") if isinstance(said, dict) else None
    if not listed:
        return set()
    if CUT_SHORT not in listed:
        return set(listed)
    rest = THE_REST.get(" | ".join(listed[:3]))
    return {*listed, *rest} - {CUT_SHORT} if rest else set()
