"""
One file of FHIR, resource by resource: each is used, kept, or set aside with a sentence; the counts always add up.

* used: facts were read from it
* kept: its raw bytes stay and a row of `landed.resource` says where it stands, but we read nothing from it
* set aside: something we need does not read
* duplicate: the same bundle holds the same resource again, and the newest of them counts
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from carewright.exchange.batch import Reason, ReceivedFile
from carewright.exchange.fhir import (
    authors,
    bills,
    care,
    documents,
    findings,
    medicines,
    people,
    responses,
    security,
    strict,
    versions,
    visits,
)
from carewright.exchange.fhir.at import At, Resource
from carewright.exchange.fhir.contents import Contents, own_id
from carewright.exchange.fhir.large import Entries
from carewright.exchange.fhir.roomy import RoomyDict
from carewright.exchange.fhir.values import Unreadable
from carewright.kernel.errors import BadInput

AT_TIMES = 500
"""After so many resources of a large bundle it is asked whether enough facts are together to be put down."""

SHAPE = (AttributeError, TypeError, KeyError, IndexError, ValueError)
"""What Python raises when a field we read has another shape than FHIR gives it."""

Reader = Callable[[Resource, At], "bool | None"]


def _medication(r: Resource, at: At) -> None:
    """Medication → remembered, for the orders and fills that point at it."""
    if isinstance(r.get("code"), dict):
        at.links.learn("medications", at.own_id, r["code"])


READERS: dict[str, tuple[Reader, str | None]] = {
    "Patient": (people.patient, None),
    "RelatedPerson": (people.related_person, "patient"),
    "Practitioner": (people.practitioner, None),
    "PractitionerRole": (people.practitioner_role, None),
    "Organization": (people.organization, None),
    "Coverage": (people.coverage, "beneficiary"),
    "Encounter": (visits.encounter, "subject"),
    "Appointment": (visits.appointment, "participant"),
    "Condition": (findings.condition, "subject"),
    "Observation": (findings.observation, "subject"),
    "AllergyIntolerance": (findings.allergy, "patient"),
    "Immunization": (findings.immunization, "patient"),
    "Procedure": (care.procedure, "subject"),
    "DiagnosticReport": (care.report, "subject"),
    "DocumentReference": (care.document, "subject"),
    "ServiceRequest": (care.service_request, "subject"),
    "CareTeam": (care.care_team, "subject"),
    "CarePlan": (care.care_plan, "subject"),
    "Goal": (care.goal, "subject"),
    "QuestionnaireResponse": (responses.response, "subject"),
    "Medication": (_medication, None),
    "MedicationRequest": (medicines.request, "subject"),
    "MedicationDispense": (medicines.dispense, "subject"),
    "MedicationStatement": (medicines.statement, "subject"),
    "MedicationAdministration": (medicines.administration, "subject"),
    "ExplanationOfBenefit": (bills.explanation, "patient"),
    "Claim": (bills.claim, "patient"),
}
"""Every kind of resource we read: its reader, and the field that says whom it is about."""

FIRST = ("Organization", "Practitioner", "PractitionerRole", "Location", "Medication", "Patient", "RelatedPerson",
         "Coverage", "Encounter")  # fmt: skip
"""Kinds others point at: of several bulk files these are read first."""


@dataclass
class FileTally:
    """What became of one file, as it is being read."""

    file: ReceivedFile
    read: int = 0
    kept: int = 0
    rejected: int = 0
    duplicates: int = 0
    used: Counter[str] = field(default_factory=Counter)
    unused: Counter[str] = field(default_factory=Counter)
    reasons: dict[tuple[str, str], Reason] = field(default_factory=dict)
    problem: str = ""


SetAside = Callable[[int, str, str, tuple[Any, ...]], None]


def read_file(
    tally: FileTally, at: At, *, is_strict: bool, set_aside: SetAside, said: Callable[[int], None] | None = None,
    pause: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """
    Read one file into `at.facts`; `pause` is called between resources so that the caller may put facts down.

    The file is never stopped by a resource that does not read.
    """
    name = tally.file.file_name
    for found in documents.read(tally.file.path, name, said):
        if isinstance(found, documents.Many):
            _bundle(found, tally, at, is_strict, set_aside, pause)
        elif isinstance(found, documents.Single):
            at.links.leave_bundle()
            r = found.resource
            own = own_id(r, None) or f"{tally.file.delivery_id}-{found.line}"
            kind = r.get("resourceType") if isinstance(r, dict) else None
            _take(r, kind, own, found.line, tally, at, is_strict, set_aside)
        elif isinstance(found, documents.WholeFile) and not tally.read:
            tally.problem = str(found)
        else:
            tally.read += 1
            line = _line_of(found)
            _reject(tally, set_aside, line, "", "", Unreadable("", found.found, found.expected, found.mend))
        pause()


def _line_of(found: BadInput) -> int:
    said = found.where.rpartition(" line ")[2]
    return int(said) if said.isdigit() else 0


def _bundle(
    found: documents.Many, tally: FileTally, at: At, is_strict: bool, set_aside: SetAside, pause: Callable[[], None]
) -> None:
    """The entries of a bundle; claims last, since what pays for them may stand behind them."""
    listed = (found.bundle.get("entry") or []) if found.large is None else found.large
    if not isinstance(listed, list | Entries):
        tally.read += 1
        _reject(
            tally, set_aside, found.line or 1, "Bundle", str(found.bundle.get("id", "")),
            Unreadable("entry", repr(listed)[:40], "a list of entries", "Ask for the bundle again."),
        )  # fmt: skip
        return
    contents = Contents(listed, tally.file.delivery_id, found.line)
    at.links.open_bundle(contents.entries, contents.by_kind, contents.roomy())
    at.orders = _orders(contents, at)
    kept_billed, at.billed = at.billed, contents.roomy()
    superseded = _superseded(contents, found.bundle.get("type") == "history") if contents.has_doubles else ()
    claims = contents.roomy()
    for position in range(len(contents)):
        if position in superseded:
            tally.read += 1
            tally.duplicates += 1
            continue
        entry = contents[position]
        kind = entry.resource.get("resourceType") if isinstance(entry.resource, dict) else None
        if kind == "Claim":
            claims[position] = 1
        else:
            _take(entry.resource, kind, entry.own, entry.line, tally, at, is_strict, set_aside)
        if isinstance(listed, Entries) and position % AT_TIMES == 0:
            found.passed(listed.share(position))
            pause()
    for count, position in enumerate(claims):
        entry = contents[position]
        _take(entry.resource, "Claim", entry.own, entry.line, tally, at, is_strict, set_aside)
        if isinstance(listed, Entries) and count % AT_TIMES == 0:
            pause()
    at.billed, at.orders = kept_billed, RoomyDict()
    if isinstance(listed, Entries):
        at.links.open_bundle({}, {}, RoomyDict())  # its file is closed after this


def _superseded(contents: Contents, newest_first: bool) -> RoomyDict:
    """Positions of resources that a newer one of the same kind and id replaces; history bundles run backwards."""
    best, lost = contents.roomy(), contents.roomy()
    for position in range(len(contents)):
        entry = contents[position]
        r = entry.resource
        if not isinstance(r, dict) or not isinstance(r.get("resourceType"), str):
            continue
        meta = r.get("meta")
        updated = meta.get("lastUpdated") if isinstance(meta, dict) else None
        rank = [updated if isinstance(updated, str) else "", -position if newest_first else position, position]
        before = best.get((r["resourceType"], entry.own))
        if before is None or rank > before:
            if before is not None:
                lost[before[2]] = 1
            best[r["resourceType"], entry.own] = rank
        else:
            lost[position] = 1
    return lost


def _orders(contents: Contents, at: At) -> RoomyDict:
    """Of every result in the bundle the report (panel) it belongs to."""
    found = contents.roomy()
    for kind, own in contents.by_kind:
        if kind == "DiagnosticReport":
            try:
                order, results = care.orders_of(contents.by_kind[kind, own])
                targets = [at.links.target(reference) for reference in results]
            except SHAPE:
                continue  # the report itself is set aside when it is read
            for target in targets:
                if target:
                    found[target[1]] = order
    return found


def _take(
    resource: Any, kind: Any, own: str, line: int, tally: FileTally, at: At, is_strict: bool, set_aside: SetAside
) -> None:
    """One resource: used, kept or set aside."""
    tally.read += 1
    at.line, at.own_id, at.tags, at.npis = line, own, "", authors.NOBODY
    person: str | None = None
    try:
        reader, key = READERS[kind]
        if not isinstance(resource.get("id"), str | None):  # another number would make another person of a Patient
            raise Unreadable("id", repr(resource["id"])[:60], "an id in quotation marks")
        versions.check(kind, resource)
        if is_strict:
            strict.validate(kind, resource)
        if "meta" in resource:
            at.tags = security.tags(resource)
        used = True
        if key == "participant":
            person = visits.patient_of_appointment(resource, at)
        elif key is not None:
            person = at.links.person(resource, key)
        elif kind == "Patient":
            person = own
        if key is not None and person is None:
            used = False  # about a group, a place or a device
        else:
            at.person = person or ""
            at.npis = authors.npis_of(kind, resource, at.links) if kind in authors.NAMED_BY else authors.NOBODY
            used = reader(resource, at) is not False
    except Unreadable as bad:
        _reject(tally, set_aside, line, str(kind or ""), own, bad)
        return
    except SHAPE as wrong:
        bad_kind = _not_read(resource, kind)
        if bad_kind is None:
            used, person = False, None
        else:
            _reject(tally, set_aside, line, str(kind or ""), own, bad_kind(wrong))
            return
    at.facts.rows["resource"].append((at.file, line, at.tags, kind, own, person, used, at.npis))
    tally.kept += 1
    (tally.used if used else tally.unused)[kind] += 1


def _not_read(resource: Any, kind: Any) -> Callable[[Exception], Unreadable] | None:
    """Why a resource did not read as we tried; None for one of a kind we only keep."""
    if not isinstance(resource, dict):
        return lambda wrong: Unreadable("", repr(resource)[:40], "a FHIR resource: an object in braces")
    if isinstance(kind, str) and kind in READERS:
        return lambda wrong: _misshapen(resource, kind, wrong)
    if isinstance(kind, str) and kind in versions.R4:
        return None
    request = resource.get("request")
    if kind is None and isinstance(request, dict) and request.get("method") == "DELETE":
        return lambda wrong: Unreadable(
            "request", f"a request to delete {request.get('url', '')}", "a resource",
            "Send the resource itself with the status entered-in-error.",
        )  # fmt: skip
    return lambda wrong: versions.unknown(kind)


def _misshapen(resource: Resource, kind: str, wrong: Exception) -> Unreadable:
    """A field we read has another shape than FHIR gives it; the validator knows which."""
    where, sentence = strict.first_fault(kind, resource) or ("", f"{type(wrong).__name__}: {wrong}"[:120])
    return Unreadable(
        where, sentence, f"{kind} in the shape FHIR R4 gives it", "Ask the sender to correct it at the source."
    )


def reject_late(tally: FileTally, set_aside: SetAside, line: int, kind: str, own: str, bad: Unreadable) -> None:
    """Set aside what had been read and could not be kept: one less is kept, and the counts still add up."""
    tally.kept -= 1
    tally.used[kind] -= 1
    tally.used += Counter()  # a kind of which nothing is left is not named
    _reject(tally, set_aside, line, kind, own, bad)


def _reject(tally: FileTally, set_aside: SetAside, line: int, kind: str, own: str, bad: Unreadable) -> None:
    tally.rejected += 1
    kind = kind if kind.isidentifier() else ""
    where = f"{kind}.{bad.field}" if kind and bad.field else kind or bad.field
    what = f"{where + ': ' if where else ''}expected {bad.expected}"
    set_aside(line, f"{what}, found {bad.found}", bad.mend, (kind, own, bad.field, bad.found, bad.expected))
    before = tally.reasons.get((what, bad.mend))
    rows, first = (before.rows, before.first_line) if before else (0, line)
    example = before.example if before else _example(kind, bad)
    tally.reasons[what, bad.mend] = Reason(
        what=what, rows=rows + 1, first_line=first, mend=bad.mend, example=example, column=bad.field
    )


WHO = frozenset({"Patient", "RelatedPerson", "Coverage"})
POINTERS = frozenset({"subject", "patient", "beneficiary", "participant"})


def _example(kind: str, bad: Unreadable) -> str:
    """What was found, for the report, which more people read than the rows: nothing that says who somebody is."""
    if bad.found == "nothing" or bad.field == "resourceType":
        return bad.found
    if kind == "QuestionnaireResponse" and bad.field.startswith("item, "):
        return ""  # what somebody answered
    return "" if not kind or not bad.field or kind in WHO or bad.field in POINTERS else bad.found


def in_reading_order(files: tuple[ReceivedFile, ...]) -> Iterator[tuple[ReceivedFile, str]]:
    """Files with the kind their first resource has; those others point at come first, claims last."""
    sniffed = [(file, first_kind(file)) for file in files]
    rank = {kind: number for number, kind in enumerate(FIRST)} | {"Claim": len(FIRST) + 2}
    return iter(sorted(sniffed, key=lambda each: rank.get(each[1], len(FIRST))))


def first_kind(file: ReceivedFile) -> str:
    """What a file's first line is about, by its name when it is bulk NDJSON (`Patient.000.ndjson`), else by a look."""
    stem = file.file_name.partition(".")[0].rpartition("-")[2]
    return stem if stem in versions.R4 else "Bundle"
