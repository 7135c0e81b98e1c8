"""Full validation (`--strict`): the validator's own sentence on the first thing that is not FHIR R4."""

from functools import cache
from typing import Any

from pydantic import ValidationError

from carewright.exchange.fhir.values import Unreadable


@cache
def _model(kind: str) -> Any:
    from fhir.resources.R4B import get_fhir_model_class

    return get_fhir_model_class(kind)


def validate(kind: str, resource: dict[str, Any]) -> None:
    """Say nothing of a valid resource; else `Unreadable` with the field and the validator's sentence."""
    said = first_fault(kind, resource)
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
