"""
What was done, ordered, planned and written: procedures, orders, care teams, plans, goals, documents, reports.

Only procedures land for the warehouse. The others are for the chart: a care team or a plan from another organization is
what *they* told us, and stays beside our own.
"""

import base64
import binascii
from typing import Any

from carewright.exchange.fhir import codes
from carewright.exchange.fhir.at import ENTERED_IN_ERROR, At, Resource, needed
from carewright.exchange.fhir.values import text_of, when

NOT_DONE = frozenset({ENTERED_IN_ERROR, "not-done", "preparation", "on-hold"})
LONGEST_TEXT = 200_000


def procedure(r: Resource, at: At) -> None:
    """Procedure → one row of `procedure`. One that was not done, or only prepared, lands as a retraction."""
    *coded, name = codes.seen(r.get("code"), "procedure")
    needed(name, "code", "what was done, coded or in words")
    period = r.get("performedPeriod") or {}
    done = when(r.get("performedDateTime") or period.get("start"), "performed")
    status = r.get("status")
    performers = r.get("performer")
    at.add("procedure", (
        at.file, at.line, at.tags, at.own_id, at.person, at.person, status in NOT_DONE, status,
        at.links.id_of(r.get("encounter")), done.day, done.written or r.get("performedString") or "",
        when(period.get("end"), "performedPeriod.end").day, *coded, name,
        at.links.provider(performers[0].get("actor"), r) if performers else None,
        codes.all_words(r.get("reasonCode")),
    ))  # fmt: skip


def service_request(r: Resource, at: At) -> None:
    """ServiceRequest → one row of `service_order`."""
    concept = r.get("code")
    system, code, _ = codes.first(concept)
    name = codes.words(concept)
    needed(code or name, "code", "what is asked for, coded or in words")
    period = r.get("occurrencePeriod") or {}
    wanted = when(r.get("occurrenceDateTime") or period.get("start"), "occurrence")
    status, performers = r.get("status"), r.get("performer")
    at.add("service_order", (
        at.file, at.line, at.tags, at.own_id, at.person, status == ENTERED_IN_ERROR, status, r.get("intent"),
        r.get("priority"), codes.all_words(r.get("category")), system, code, name or code,
        when(r.get("authoredOn"), "authoredOn").day, wanted.day, at.links.name_of(r.get("requester"), r),
        at.links.name_of(performers[0], r) if performers else None, codes.all_words(r.get("reasonCode")),
        notes(r.get("note")), at.npis,
    ))  # fmt: skip


def care_team(r: Resource, at: At) -> None:
    """CareTeam → one row of `care_team` per member other than the patient."""
    period = r.get("period") or {}
    starts, ends = when(period.get("start"), "period.start").day, when(period.get("end"), "period.end").day
    status = r.get("status")
    rows = []
    for position, each in enumerate(r.get("participant") or (), start=1):
        pointer = each.get("member")
        target = at.links.target(pointer["reference"]) if pointer and pointer.get("reference") else None
        if target and target[0] == "Patient":
            continue
        own = each.get("period") or {}
        inside = at.links.resource(pointer, r)
        rows.append((
            at.file, at.line, at.tags, f"{at.own_id}.{position}", at.person, status == ENTERED_IN_ERROR, status,
            r.get("name") or codes.all_words(r.get("category")), at.links.name_of(pointer, r),
            target[0] if target else None, codes.all_words(each.get("role")),
            when(own.get("start"), "participant.period").day or starts,
            when(own.get("end"), "participant.period").day or ends,
            phone(inside.get("telecom")) if inside else None, at.npis,
        ))  # fmt: skip
    at.add_all("care_team", rows)


def care_plan(r: Resource, at: At) -> None:
    """CarePlan → one row of `care_plan`, its activities in words, in their order."""
    period = r.get("period") or {}
    activities = []
    for each in r.get("activity") or ():
        detail = each.get("detail") or {}
        said = codes.words(detail.get("code")) or detail.get("description")
        if not said:
            said = at.links.name_of(each.get("reference"), r)
        if said:
            activities.append(f"{said} ({detail['status']})" if detail.get("status") else said)
    categories = codes.all_words(r.get("category"))
    at.add("care_plan", (
        at.file, at.line, at.tags, at.own_id, at.person, r.get("status") == ENTERED_IN_ERROR, r.get("status"),
        r.get("intent"), r.get("title") or categories or "Care plan", categories,
        when(period.get("start"), "period.start").day, when(period.get("end"), "period.end").day, tuple(activities),
        _conditions(r.get("addresses"), r, at), r.get("description"), at.npis,
    ))  # fmt: skip


def goal(r: Resource, at: At) -> None:
    """Goal → one row of `goal`, in the words it was written in."""
    said = needed(codes.words(r.get("description")), "description", "the goal in words")
    targets = [_target(each) for each in r.get("target") or ()]
    due = next((each["dueDate"] for each in r.get("target") or () if each.get("dueDate")), None)
    status = r.get("lifecycleStatus")
    at.add("goal", (
        at.file, at.line, at.tags, at.own_id, at.person, status == ENTERED_IN_ERROR, status,
        codes.code(r.get("achievementStatus")), said, when(r.get("startDate"), "startDate").day,
        when(due, "target.dueDate").day, "; ".join(filter(None, targets)) or None, codes.all_words(r.get("category")),
        _conditions(r.get("addresses"), r, at), at.npis,
    ))  # fmt: skip


def _target(said: dict[str, Any]) -> str | None:
    """`Hemoglobin A1c 7 %` from a goal's target."""
    amount = said.get("detailQuantity") or {}
    limits = said.get("detailRange") or {}
    low, high = limits.get("low") or {}, limits.get("high") or {}
    value = said.get("detailString") or codes.words(said.get("detailCodeableConcept"))
    if amount.get("value") is not None:
        value = f"{amount.get('comparator', '')}{text_of(amount['value'])} {amount.get('unit') or ''}".strip()
    elif low or high:
        value = f"{text_of(low.get('value')) or ''}–{text_of(high.get('value')) or ''} {low.get('unit') or ''}".strip()
    return " ".join(part for part in (codes.words(said.get("measure")), value) if part) or None


def _conditions(pointers: list[dict[str, Any]] | None, r: Resource, at: At) -> str | None:
    """The conditions a plan or goal is about, in words, as far as they can be found."""
    said = []
    for pointer in pointers or ():
        found = at.links.resource(pointer, r)
        words = pointer.get("display") or (codes.words(found.get("code")) if found else None)
        if words and words not in said:
            said.append(words)
    return "; ".join(said) or None


def document(r: Resource, at: At) -> None:
    """DocumentReference → one row of `document`; plain text is kept to be shown, anything else stays in the raw file."""
    concept = r.get("type")
    system, code, _ = codes.first(concept)
    contents = r.get("content") or []
    attachment = (contents[0].get("attachment") if contents else None) or {}
    written = when(r.get("date") or attachment.get("creation"), "date")
    status, authors = r.get("status"), r.get("author")
    title = r.get("description") or attachment.get("title") or codes.words(concept)
    at.add("document", (
        at.file, at.line, at.tags, at.own_id, at.person, status == ENTERED_IN_ERROR, "note", status, system, code,
        title or "Document", codes.all_words(r.get("category")), written.day, written.moment,
        at.links.name_of(authors[0], r) if authors else None, attachment.get("contentType"), _text(attachment),
        attachment.get("url"), at.npis,
    ))  # fmt: skip


def report(r: Resource, at: At) -> None:
    """DiagnosticReport → one row of `document` of kind report; its results are observations of their own."""
    concept = r.get("code")
    system, code, _ = codes.first(concept)
    name = codes.words(concept)
    needed(code or name, "code", "what was reported, coded or in words")
    period = r.get("effectivePeriod") or {}
    written = when(r.get("effectiveDateTime") or period.get("start") or r.get("issued"), "effective")
    status = r.get("status")
    forms = r.get("presentedForm") or []
    attachment = forms[0] if forms else {}
    authors = r.get("performer")
    at.add("document", (
        at.file, at.line, at.tags, at.own_id, at.person, status in (ENTERED_IN_ERROR, "cancelled"), "report", status,
        system, code, name or code, codes.all_words(r.get("category")), written.day, written.moment,
        at.links.name_of(authors[0], r) if authors else None, attachment.get("contentType"),
        r.get("conclusion") or _text(attachment), attachment.get("url"), at.npis,
    ))  # fmt: skip


def _text(attachment: dict[str, Any]) -> str | None:
    """The words of a plain text attachment; a picture, a PDF or a C-CDA stays where it is."""
    data, kind = attachment.get("data"), attachment.get("contentType") or ""
    if not data or not kind.startswith("text/plain"):
        return None
    try:
        said = base64.b64decode(data, validate=False).decode("utf-8", errors="replace")
    except (binascii.Error, ValueError):
        return None
    # PostgreSQL refuses the null character in text
    return said.replace("\x00", "").strip()[:LONGEST_TEXT] or None


def orders_of(r: Resource) -> tuple[codes.Coded, list[str]]:
    """A laboratory report's order and the references of its results, so that each result knows its panel."""
    results = [each.get("reference") for each in r.get("result") or () if each.get("reference")]
    return codes.first(r.get("code")), results


def notes(said: list[dict[str, Any]] | None) -> str | None:
    """Notes in one text, in their order."""
    return "\n".join(each["text"] for each in said or () if each.get("text")) or None


def phone(points: list[dict[str, Any]] | None) -> str | None:
    """The first phone number among ways to reach somebody."""
    return next((each["value"] for each in points or () if each.get("system") == "phone" and each.get("value")), None)
