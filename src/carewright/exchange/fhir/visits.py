"""
Visits and stays as records tell them (Encounter), and appointments.

The class of a visit (`AMB`, `EMER`, `IMP`, … HL7 ActCode) lands as the source wrote it in `encounter_class`. From it
follows `encounter_type` in the words of the Tuva Input Layer, and only where the class leaves no doubt: `EMER` an
emergency department visit, `IMP` and `ACUTE` an acute inpatient stay, `HH` home health. No billing code (type of bill,
revenue center, place of service) is made up from a class: for a feed without claims, the warehouse counts stays and ED
visits from these rows.

A visit that was only planned, or cancelled, or entered in error did not happen; it lands as a retraction.
"""

from typing import Any

from carewright.exchange.fhir import codes, security
from carewright.exchange.fhir.at import ENTERED_IN_ERROR, At, Resource, needed
from carewright.exchange.fhir.values import Unreadable, when, whole

TYPES = {
    "IMP": "acute inpatient",
    "ACUTE": "acute inpatient",
    "EMER": "emergency department",
    "HH": "home health",
    "VR": "telehealth",
    "OBSENC": "observation",
}
DID_NOT_HAPPEN = frozenset({"planned", "cancelled", ENTERED_IN_ERROR})
ATTENDING = ("ATND", "PPRF")


def encounter(r: Resource, at: At) -> bool:
    """Encounter → one row of `encounter`; False for one that gives no day, which is kept without being used."""
    said = r.get("class")
    if not isinstance(said, dict):
        raise Unreadable(
            "class", repr(said)[:60], "one Coding with a code such as AMB, EMER or IMP (FHIR R4)",
            "A text is how DSTU2 wrote it, a list how R5 does; ask for FHIR R4.",
        )  # fmt: skip
    period = r.get("period") or {}
    starts, ends = when(period.get("start"), "period.start"), when(period.get("end"), "period.end")
    status = r.get("status")
    if starts.day is None and status not in DID_NOT_HAPPEN:
        return False
    if starts.day and ends.day and ends.day < starts.day:
        raise Unreadable("period", f"{starts.day} to {ends.day}", "an end on or after the start")
    kinds = r.get("type")
    hospital = r.get("hospitalization") or {}
    left = hospital.get("dischargeDisposition")
    who = _attending(r.get("participant") or ())
    place = r.get("serviceProvider")
    locations = r.get("location")
    facility_name = at.links.name_of(place, r)
    if not facility_name and locations:
        facility_name = at.links.name_of(locations[0].get("location"), r)
    klass = said.get("code")
    principal, reasons = _principal(r, at), r.get("reasonCode")
    # what kind of visit it was (drug rehabilitation, a prenatal visit) has no column of its own, and says enough
    spoken = [codes.first(each)[:2] for each in (*(kinds or ()), *(reasons or ()))]
    at.tags = security.joined(at.tags, (*spoken, principal[:2]))
    at.add("encounter", (
        at.file, at.line, at.tags, at.own_id, at.person, at.person, status in DID_NOT_HAPPEN, status, klass,
        TYPES.get(klass or ""), starts.day, ends.day, starts.moment, ends.moment,
        codes.words(kinds[0]) if kinds else said.get("display"), codes.code(hospital.get("admitSource")),
        codes.code(left), codes.words(left), at.links.provider(who, r), at.links.name_of(who, r),
        at.links.provider(place, r), facility_name, *principal, codes.all_words(reasons),
    ))  # fmt: skip
    return True


def _attending(participants: Any) -> dict[str, Any] | None:
    """Who answered for the visit: the attending, else the primary performer, else whoever is named first."""
    by_role: dict[str, dict[str, Any]] = {}
    named = None
    for each in participants:
        person = each.get("individual")
        if not person:
            continue
        named = named or person
        for role in each.get("type") or ():
            by_role.setdefault(codes.code(role) or "", person)
    for role in ATTENDING:
        if role in by_role:
            return by_role[role]
    return named


def _principal(r: Resource, at: At) -> codes.Coded:
    """The main diagnosis of a visit: ranked first, or its only one; as coded by the condition it points at."""
    listed = r.get("diagnosis") or []
    ranked = [each for each in listed if each.get("rank") == 1] or (listed if len(listed) == 1 else [])
    for each in ranked:
        found = at.links.resource(each.get("condition"), r)
        if found is not None and found.get("resourceType") == "Condition":
            best = codes.best(found.get("code"), "condition")
            return best if best[1] else codes.first(found.get("code"))
    return codes.NOTHING


def appointment(r: Resource, at: At) -> None:
    """Appointment → one row of `appointment`, for the patient among its participants."""
    starts, ends = when(r.get("start"), "start"), when(r.get("end"), "end")
    status = r.get("status")
    needed(starts.day or (status in ("proposed", "waitlist", "cancelled") or None), "start", "when it begins")
    kind, specialties = r.get("appointmentType"), r.get("specialty")
    reasons = r.get("reasonCode")
    others = [each.get("actor") for each in r.get("participant") or () if each.get("actor")]
    who = _first_of(others, ("Practitioner/", "PractitionerRole/"), at)
    where = _first_of(others, ("Location/",), at)
    at.add("appointment", (
        at.file, at.line, at.tags, at.own_id, at.person, at.person, status == ENTERED_IN_ERROR, status,
        starts.clock, ends.clock, starts.moment, ends.moment, whole(r.get("minutesDuration"), "minutesDuration"),
        codes.code(kind), codes.words(kind), codes.all_words(specialties),
        codes.all_words(reasons) or r.get("description"), *codes.first(reasons[0] if reasons else None),
        codes.words(r.get("cancelationReason")), at.links.provider(who, r), at.links.id_of(where),
        at.links.name_of(who, r), at.links.name_of(where, r), at.npis,
    ))  # fmt: skip


def _first_of(pointers: list[dict[str, Any]], kinds: tuple[str, ...], at: At) -> dict[str, Any] | None:
    for pointer in pointers:
        target = at.links.target(pointer.get("reference") or "") if pointer.get("reference") else None
        if target and f"{target[0]}/" in kinds:
            return pointer
    return None


def patient_of_appointment(r: Resource, at: At) -> str | None:
    """Whom an appointment is for: the participant who is a Patient."""
    for each in r.get("participant") or ():
        pointer = each.get("actor")
        target = at.links.target(pointer["reference"]) if pointer and pointer.get("reference") else None
        if target and target[0] == "Patient":
            return target[1]
    raise Unreadable("participant", "no Patient", "the Patient the appointment is for")
