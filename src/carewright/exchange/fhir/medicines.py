"""
Medicines as records tell them: ordered, dispensed, reported by the person, administered.

Four resources become one listing, told apart by `kind`: MedicationRequest `ordered`, MedicationDispense `dispensed`,
MedicationStatement `reported`, MedicationAdministration `administered`. A medicine is coded where it is used, or in a
Medication resource that is pointed at: inside this one, in the bundle, or in another file of the same batch.

A proposal or a plan to prescribe is no order; a dispense that was declined, a medicine the person says they never took,
an entry made in error: each lands as a retraction, and the chart shows its status.
"""

from typing import Any

from carewright.exchange.fhir import codes, security
from carewright.exchange.fhir.at import ENTERED_IN_ERROR, At, Resource, needed
from carewright.exchange.fhir.values import NEVER, When, number, when, whole

NOT_ORDERED = frozenset({ENTERED_IN_ERROR, "cancelled", "draft"})
NO_ORDER = frozenset({"proposal", "plan", "option"})
NOT_DISPENSED = frozenset({ENTERED_IN_ERROR, "preparation", "in-progress", "cancelled", "declined"})
NOT_TAKEN = frozenset({ENTERED_IN_ERROR, "not-taken", "intended"})
NOT_GIVEN = frozenset({ENTERED_IN_ERROR, "not-done"})


def request(r: Resource, at: At) -> None:
    """MedicationRequest → one row of `medication`, ordered."""
    supply = r.get("dispenseRequest") or {}
    amount = supply.get("quantity") or {}
    length = supply.get("expectedSupplyDuration") or {}
    days = whole(length.get("value"), "expectedSupplyDuration") if length.get("code", "d") in ("d", "day") else None
    status = r.get("status")
    ordered = when(r.get("authoredOn"), "authoredOn")
    _add(
        r, at, kind="ordered", retracted=status in NOT_ORDERED or r.get("intent") in NO_ORDER, status=status,
        encounter=r.get("encounter"), ordered=ordered, amount=amount, days=days,
        directions=r.get("dosageInstruction"), who=r.get("requester"), shown=ordered,
    )  # fmt: skip


def dispense(r: Resource, at: At) -> None:
    """MedicationDispense → one row of `medication`, dispensed."""
    status = r.get("status")
    given = when(r.get("whenHandedOver") or r.get("whenPrepared"), "whenHandedOver")
    performers = r.get("performer")
    supply = r.get("daysSupply") or {}
    _add(
        r, at, kind="dispensed", retracted=status in NOT_DISPENSED, status=status, encounter=r.get("context"),
        dispensed=given, amount=r.get("quantity") or {}, days=whole(supply.get("value"), "daysSupply"),
        directions=r.get("dosageInstruction"), who=performers[0].get("actor") if performers else None, shown=given,
    )  # fmt: skip


def statement(r: Resource, at: At) -> None:
    """MedicationStatement → one row of `medication`, reported."""
    status = r.get("status")
    period = r.get("effectivePeriod") or {}
    taken = when(r.get("effectiveDateTime") or period.get("start") or r.get("dateAsserted"), "effective")
    _add(
        r, at, kind="reported", retracted=status in NOT_TAKEN, status=status, encounter=r.get("context"),
        effective=taken, ended=when(period.get("end"), "effectivePeriod.end"), amount={}, days=None,
        directions=r.get("dosage"), who=r.get("informationSource"), shown=taken,
    )  # fmt: skip


def administration(r: Resource, at: At) -> None:
    """MedicationAdministration → one row of `medication`, administered."""
    status = r.get("status")
    period = r.get("effectivePeriod") or {}
    given = when(r.get("effectiveDateTime") or period.get("start"), "effective")
    dose = r.get("dosage")
    performers = r.get("performer")
    _add(
        r, at, kind="administered", retracted=status in NOT_GIVEN, status=status, encounter=r.get("context"),
        effective=given, ended=when(period.get("end"), "effectivePeriod.end"),
        amount=(dose or {}).get("dose") or {}, days=None, directions=[dose] if dose else None,
        who=performers[0].get("actor") if performers else None, shown=given,
    )  # fmt: skip


def _add(
    r: Resource, at: At, *, kind: str, retracted: bool, status: Any, encounter: dict[str, Any] | None,
    amount: dict[str, Any], days: int | None, directions: list[dict[str, Any]] | None, who: dict[str, Any] | None,
    shown: When, ordered: When = NEVER, dispensed: When = NEVER, effective: When = NEVER, ended: When = NEVER,
) -> None:  # fmt: skip
    concept = _concept(r, at)
    system, code, described = codes.first(concept)
    name = codes.words(concept)
    needed(code or name, "medication", "which medicine, coded or in words")
    reasons = r.get("reasonCode")
    if reasons:
        at.tags = security.joined(at.tags, [codes.first(each)[:2] for each in reasons])
    _, ndc, ndc_words = codes.in_system(concept, codes.NDC)
    _, rxnorm, rxnorm_words = codes.in_system(concept, codes.RXNORM)
    _, atc, atc_words = codes.in_system(concept, "atc")
    at.add("medication", (
        at.file, at.line, at.tags, at.own_id, at.person, at.person, retracted, kind, status,
        at.links.id_of(encounter), ordered.day, dispensed.day, effective.day, ended.day, shown.written,
        system, code, described, name or code, _ndc(ndc), ndc_words, rxnorm, rxnorm_words, atc, atc_words,
        _route(directions), number(amount.get("value"), "quantity"), amount.get("unit") or amount.get("code"), days,
        _directions(directions) if directions else None, at.links.provider(who, r),
        codes.all_words(reasons),
    ))  # fmt: skip


def _concept(r: Resource, at: At) -> dict[str, Any] | None:
    """The medicine's code: said here, or by the Medication this points at, or at least the name shown beside it."""
    said = r.get("medicationCodeableConcept")
    if said:
        return said
    pointer = r.get("medicationReference")
    if not pointer:
        return None
    inside = at.links.resource(pointer, r)
    if inside is None:
        target = at.links.target(pointer.get("reference") or "") if pointer.get("reference") else None
        known = at.links.medications.get(target[1]) if target else None
        return known or ({"text": pointer["display"]} if pointer.get("display") else None)
    return inside.get("code") or None


def _ndc(code: str | None) -> str | None:
    """Eleven digits; a code with dashes in 5-4-2, or shorter parts padded as FDA prescribes; others as written."""
    if not code or "-" not in code:
        return code
    parts = code.split("-")
    if len(parts) == 3 and all(part.isdigit() for part in parts):
        return parts[0].zfill(5) + parts[1].zfill(4) + parts[2].zfill(2)
    return code


def _route(directions: list[dict[str, Any]] | None) -> str | None:
    for each in directions or ():
        said = codes.words(each.get("route"))
        if said:
            return said
    return None


UNITS = {"s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}


def _directions(directions: list[dict[str, Any]]) -> str | None:
    """How it is taken: the source's own words, or put together from dose and timing."""
    said = [each.get("text") or each.get("patientInstruction") or _spelled(each) for each in directions]
    return "; ".join(text for text in said if text) or None


def _spelled(direction: dict[str, Any]) -> str | None:
    """`1 tablet, 2 times per day, as needed` from the parts of a Dosage."""
    parts = []
    doses = direction.get("doseAndRate") or ()
    dose = next((each["doseQuantity"] for each in doses if each.get("doseQuantity")), None)
    if dose and dose.get("value") is not None:
        value = dose["value"]
        amount = int(value) if isinstance(value, float) and value.is_integer() else value
        parts.append(f"{amount} {dose.get('unit') or dose.get('code') or 'dose'}")
    timing = direction.get("timing") or {}
    repeat = timing.get("repeat") or {}
    if repeat.get("frequency") and repeat.get("period") and repeat.get("periodUnit") in UNITS:
        often, period, unit = repeat["frequency"], repeat["period"], UNITS[repeat["periodUnit"]]
        every = f"per {unit}" if period == 1 else f"every {period:g} {unit}s"
        parts.append(f"{often} time{'s' if often != 1 else ''} {every}")
    elif timing.get("code"):
        parts.append(codes.words(timing["code"]) or "")
    if direction.get("asNeededBoolean") or direction.get("asNeededCodeableConcept"):
        reason = codes.words(direction.get("asNeededCodeableConcept"))
        parts.append(f"as needed for {reason}" if reason else "as needed")
    return ", ".join(part for part in parts if part) or None
