"""
What was found: conditions, observations, allergies, immunizations.

* A **condition** keeps its own code system. `status` is its clinical status, `verification_status` how sure the source
  is. One that was refuted, or entered in error, lands as a retraction: it hides what was said before and counts nowhere.
* An **observation** with components (blood pressure) becomes one row per component, tied by `panel_id`; with its own
  value too, one row more. Laboratory results are told by their category.
* An **immunization** that was not done lands as a retraction; the chart shows it with its reason.
"""

from typing import Any

from carewright.exchange.fhir import codes
from carewright.exchange.fhir.at import ENTERED_IN_ERROR, At, Resource, needed
from carewright.exchange.fhir.values import NEVER, number, text_of, when

CATEGORIES = {"vital-sign": "vital-signs", "LAB": "laboratory", "lab": "laboratory"}
NEVER_HAPPENED = frozenset({ENTERED_IN_ERROR, "cancelled"})


def condition(r: Resource, at: At) -> None:
    """Condition → one row of `condition`."""
    *coded, name = codes.seen(r.get("code"), "condition")
    needed(name, "code", "what the condition is, coded or in words")
    verified = codes.code(r.get("verificationStatus"))
    onset = when(r.get("onsetDateTime") or (r.get("onsetPeriod") or {}).get("start"), "onset")
    abated = when(r.get("abatementDateTime") or (r.get("abatementPeriod") or {}).get("end"), "abatement")
    categories = r.get("category")
    notes = r.get("note")
    at.add("condition", (
        at.file, at.line, at.tags, at.own_id, at.person, at.person,
        verified in ("refuted", ENTERED_IN_ERROR), codes.code(r.get("clinicalStatus")), verified,
        codes.code(categories[0]) if categories else None, at.links.id_of(r.get("encounter")),
        when(r.get("recordedDate"), "recordedDate").day, onset.day, onset.written, abated.day,
        *coded, name, codes.words(r.get("severity")), _notes(notes) if notes else None, at.npis,
    ))  # fmt: skip


def observation(r: Resource, at: At) -> None:
    """Observation → one row of `observation`, or one per component."""
    *coded, name = codes.seen(r.get("code"), "finding")
    needed(name, "code", "what was observed, coded or in words")
    status = r.get("status")
    period = r.get("effectivePeriod")
    seen = when(
        r.get("effectiveDateTime") or r.get("effectiveInstant") or (period.get("start") if period else None),
        "effective",
    )
    issued = when(r.get("issued"), "issued")
    day = seen.day or issued.day
    categories = r.get("category")
    category = codes.code(categories[0]) if categories else None
    if categories and len(categories) > 1 and any(codes.code(each) in ("laboratory", "LAB") for each in categories):
        category = "laboratory"
    category = CATEGORIES.get(category, category)  # type: ignore[arg-type]
    encounter = at.links.id_of(r.get("encounter"))
    order = at.orders.get(at.own_id) or codes.NOTHING
    performers = r.get("performer")
    performer = at.links.provider(performers[0], r) if performers else None
    specimen = r.get("specimen")
    shared = (
        at.person, at.person, status in NEVER_HAPPENED, status, encounter,
    )  # fmt: skip
    after = (
        codes.words(specimen) if specimen and "coding" in specimen else (specimen or {}).get("display"), performer,
        *order, _notes(r["note"]) if r.get("note") else None,
    )  # fmt: skip
    parts = r.get("component")
    result = _result(r)
    made = []
    if result is not NO_RESULT or not parts:
        made.append((
            at.file, at.line, at.tags, at.own_id, *shared, at.own_id if parts or r.get("hasMember") else None,
            category, day, seen.moment or (issued.moment if seen is NEVER else None), seen.clock,
            issued.clock or seen.clock,
            *coded, name, *result, *_limits(r), *after,
        ))  # fmt: skip
    for position, part in enumerate(parts or (), start=1):
        *part_coded, part_name = codes.seen(part.get("code"), "finding")
        made.append((
            at.file, at.line, at.tags, f"{at.own_id}.{position}", *shared, at.own_id, category, day,
            seen.moment or (issued.moment if seen is NEVER else None), seen.clock, issued.clock or seen.clock,
            *part_coded, part_name or name,
            *_result(part), *_limits(part), *after,
        ))  # fmt: skip
    at.add_all("observation", made)


NO_RESULT = (None, None, None, None, None, None, None)


def _result(r: Resource) -> tuple[Any, ...]:
    """The value as text, as a number, as a code, with its comparator and units (as written, and UCUM)."""
    quantity = r.get("valueQuantity")
    if quantity:
        written = quantity.get("value")
        value = written if type(written) is float else number(written, "valueQuantity.value")
        if value is None:
            return NO_RESULT
        comparator = quantity.get("comparator")
        text = text_of(written)
        unit = quantity.get("unit") or quantity.get("code")
        ucum = quantity.get("code") if quantity.get("system") == "http://unitsofmeasure.org" else None
        return f"{comparator}{text}" if comparator else text, value, None, None, comparator, unit, ucum
    concept = r.get("valueCodeableConcept")
    if concept:
        system, code, _ = codes.first(concept)
        return codes.words(concept), None, system, code, None, None, None
    for name in ("valueString", "valueInteger", "valueBoolean", "valueDateTime", "valueTime"):
        if name in r:
            said = r[name]
            exact = float(said) if name == "valueInteger" and isinstance(said, int) else None
            return text_of(said), exact, None, None, None, None, None
    return _rare_result(r)


def _rare_result(r: Resource) -> tuple[Any, ...]:
    """Ranges, ratios, periods and waveforms, in words; and why there is no value, when the source says why."""
    said = r.get("valueRange")
    if said:
        low, high = said.get("low") or {}, said.get("high") or {}
        text = f"{text_of(low.get('value')) or ''}–{text_of(high.get('value')) or ''}"
        return text, None, None, None, None, low.get("unit") or high.get("unit"), low.get("code") or high.get("code")
    said = r.get("valueRatio")
    if said:
        above, below = said.get("numerator") or {}, said.get("denominator") or {}
        text = f"{_amount(above)}/{_amount(below)}"
        return text, None, None, None, None, None, None
    said = r.get("valuePeriod")
    if said:
        return f"{said.get('start', '')} – {said.get('end', '')}", None, None, None, None, None, None
    if r.get("valueSampledData"):
        return "a recorded waveform", None, None, None, None, None, None
    return NO_RESULT


def _amount(quantity: dict[str, Any]) -> str:
    return " ".join(part for part in (text_of(quantity.get("value")), quantity.get("unit")) if part)


def _limits(r: Resource) -> tuple[Any, ...]:
    """Reference range: low, high, and the whole of it in words; then the abnormal flag."""
    ranges, flags = r.get("referenceRange"), r.get("interpretation")
    if not ranges and not flags:
        return (None, None, None, None)
    low = high = said = None
    if ranges:
        first = ranges[0]
        low = text_of((first.get("low") or {}).get("value"))
        high = text_of((first.get("high") or {}).get("value"))
        said = first.get("text") or (f"{low or ''}–{high or ''}" if low or high else None)
    return low, high, said, (codes.code(flags[0]) or codes.words(flags[0])) if flags else None


def allergy(r: Resource, at: At) -> None:
    """AllergyIntolerance → one row of `allergy`. "No known allergies" is a finding like any other."""
    concept = r.get("code")
    reactions = r.get("reaction") or []
    if not concept and reactions:
        concept = reactions[0].get("substance")
    *coded, name = codes.seen(concept, "substance")
    needed(name, "code", "what the person reacts to, coded or in words")
    shown = [each for reaction in reactions for each in reaction.get("manifestation") or ()]
    severity = next((each["severity"] for each in reactions if each.get("severity")), None)
    verified = codes.code(r.get("verificationStatus"))
    onset = when(r.get("onsetDateTime") or (r.get("onsetPeriod") or {}).get("start"), "onset")
    at.add("allergy", (
        at.file, at.line, at.tags, at.own_id, at.person, at.person, verified in ("refuted", ENTERED_IN_ERROR),
        at.links.id_of(r.get("encounter")), codes.code(r.get("clinicalStatus")), verified, r.get("type"),
        ";".join(r.get("category") or ()) or None, r.get("criticality"), *coded, name,
        codes.all_words(shown),
        codes.code(shown[0]) if shown else None, severity, onset.day, onset.written,
        when(r.get("recordedDate"), "recordedDate").day, at.links.provider(r.get("recorder"), r),
    ))  # fmt: skip


def immunization(r: Resource, at: At) -> None:
    """Immunization → one row of `immunization`, given or not."""
    *coded, name = codes.seen(r.get("vaccineCode"), "vaccine")
    needed(name, "vaccineCode", "which vaccine, coded or in words")
    given = when(r.get("occurrenceDateTime"), "occurrenceDateTime")
    dose = r.get("doseQuantity")
    performers = r.get("performer")
    status = r.get("status")
    at.add("immunization", (
        at.file, at.line, at.tags, at.own_id, at.person, at.person, status in (ENTERED_IN_ERROR, "not-done"),
        at.links.id_of(r.get("encounter")), status, codes.words(r.get("statusReason")), given.day,
        given.written or r.get("occurrenceString") or "", *coded, name,
        _amount(dose) if dose else None, r.get("lotNumber"), codes.words(r.get("site")),
        codes.words(r.get("route")), at.links.provider(performers[0].get("actor"), r) if performers else None,
    ))  # fmt: skip


def _notes(notes: list[dict[str, Any]]) -> str | None:
    """Notes in one text, in their order."""
    return "\n".join(each["text"] for each in notes if each.get("text")) or None
