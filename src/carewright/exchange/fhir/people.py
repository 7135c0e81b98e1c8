"""
People and those around them: patients, related people, professionals, organizations, coverage.

* `person_id` is the Patient's id. Other numbers (MRN, MBI, SSN, member number) are kept with who assigned them; two
  people are never joined because their names agree.
* Of several names, addresses and phones, the ones in use are taken: not `old`, not `maiden`, not ended.
* A birth date of which only the year or month is known lands empty: an age guessed from it would be wrong.
* **Coverage** lands as eligibility, joined to the person at the end of the batch. Without a start date it says nothing
  about any month and is kept without being used. Payer type follows the Source of Payment Typology (first digit) or the
  words of the coverage; nothing else is guessed.
"""

import datetime
from typing import Any

from carewright.exchange.fhir import codes
from carewright.exchange.fhir.at import At, Resource, needed
from carewright.exchange.fhir.care import phone
from carewright.exchange.fhir.references import own_npi
from carewright.exchange.fhir.values import Unreadable, When, when, zip_code
from carewright.kernel import states

RACE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
ETHNICITY = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity"
CMS_RACE = "https://bluebutton.cms.gov/resources/variables/race"
PAST = frozenset({"old", "temp", "maiden"})
SEXES = {"female": "female", "male": "male"}
NUMBERS = {
    "MR": "mrn", "MRN": "mrn", "PI": "mrn", "MB": "member_id", "MC": "mbi", "SB": "ssn", "SS": "ssn", "MA": "medicaid_id",
    "UMB": "member_id",
}  # fmt: skip
"""HL7 table 0203 → our word for the kind of number."""
NUMBER_SYSTEMS = {
    "http://hl7.org/fhir/sid/us-mbi": "mbi",
    "http://hl7.org/fhir/sid/us-ssn": "ssn",
    "http://hl7.org/fhir/sid/us-medicare": "mbi",
    "urn:oid:2.16.840.1.113883.4.1": "ssn",
}

SOPT = {
    "1": "medicare",
    "2": "medicaid",
    "3": "other government",
    "5": "commercial",
    "6": "commercial",
    "8": "self-pay",
}
"""First digit of the Source of Payment Typology (NAHDO) → payer type."""
PAYER_WORDS = (("medicare", "medicare"), ("medicaid", "medicaid"), ("commercial", "commercial"))
BLUE_BUTTON = {
    "ms_cd": "medicare_status_code",
    "BENE-MDCR-STUS-CD": "medicare_status_code",
    "orec": "original_reason_entitlement_code",
    "BENE-MDCR-ENTLMT-RSN-CD": "original_reason_entitlement_code",
    "BENE-DUAL-STUS-CD": "dual_status_code",
}
"""CMS Blue Button extensions of Coverage → landed columns."""


def patient(r: Resource, at: At) -> None:
    """Patient → one row of `person`, with the numbers others know them by."""
    name = _current(r.get("name")) or {}
    given = name.get("given") or []
    family = name.get("family") or (name.get("text") if not given else None)
    address = _current(r.get("address")) or {}
    extensions = {each.get("url"): each for each in r.get("extension") or ()}
    born = when(r.get("birthDate"), "birthDate")
    died = when(r.get("deceasedDateTime"), "deceasedDateTime")
    _refuse_days_to_come(born, died, at)
    dead = died.day is not None or r.get("deceasedBoolean") is True
    points = [each for each in r.get("telecom") or () if each.get("use") != "old"]
    mail = next((each["value"] for each in points if each.get("system") == "email" and each.get("value")), None)
    state = address.get("state")
    at.add("person", (
        at.file, at.line, at.tags, at.own_id, at.own_id, given[0] if given else None,
        " ".join(given[1:]) or None, family, " ".join(name.get("suffix") or ()) or None,
        None if born.written else born.day, died.day, SEXES.get(r.get("gender") or "", "unknown"),
        _group(extensions.get(RACE)) or _cms_race(extensions.get(CMS_RACE)), _group(extensions.get(ETHNICITY)),
        _language(r.get("communication")), ", ".join(address.get("line") or ()) or None, address.get("city"),
        states.code_of(state) or None, zip_code(address.get("postalCode")), address.get("district"),
        phone(points), mail, "1" if dead else None, _numbers(r.get("identifier")),
    ))  # fmt: skip


def _refuse_days_to_come(born: When, died: When, at: At) -> None:
    """A birth or a death after the day the file came: that day is wrong."""
    for said, field in ((born, "birthDate"), (died, "deceasedDateTime")):
        if said.day and at.received_on and said.day > at.received_on + datetime.timedelta(days=1):
            mend = "Ask the sender for the right day."
            raise Unreadable(field, str(said.day), f"a day up to {at.received_on}", mend)


def _current(entries: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    """Of several names or addresses the official or usual one in use, else the first in use, else the first."""
    if not entries:
        return None
    in_use = [
        each for each in entries if each.get("use") not in PAST and not (each.get("period") or {}).get("end")
    ]  # fmt: skip
    for wanted in ("official", "usual", "home"):
        for each in in_use:
            if each.get("use") == wanted:
                return each
    return in_use[0] if in_use else entries[0]


def _group(extension: dict[str, Any] | None) -> str | None:
    """US Core race or ethnicity in words: its text, else its categories."""
    inside = (extension or {}).get("extension") or ()
    categories = [each["valueCoding"].get("display") for each in inside if each.get("valueCoding")]
    text = next((each["valueString"] for each in inside if each.get("url") == "text" and each.get("valueString")), None)
    return text or "; ".join(filter(None, categories)) or None


def _cms_race(extension: dict[str, Any] | None) -> str | None:
    return ((extension or {}).get("valueCoding") or {}).get("display")


def _language(said: list[dict[str, Any]] | None) -> str | None:
    """The language the person prefers, as a code (en, es) where it is coded."""
    if not said:
        return None
    preferred = next((each for each in said if each.get("preferred")), said[0])
    language = preferred.get("language")
    return codes.code(language) or codes.words(language)


def _numbers(said: list[dict[str, Any]] | None) -> tuple[tuple[str, str, str], ...]:
    """The person's numbers as (kind or system, who assigned it, value); ended ones are left out."""
    found = []
    for each in said or ():
        value, system = each.get("value"), each.get("system") or ""
        if not value or (each.get("period") or {}).get("end") or each.get("use") == "old":
            continue
        kind = NUMBER_SYSTEMS.get(system) or NUMBERS.get(codes.code(each.get("type")) or "")
        assigner = (each.get("assigner") or {}).get("display") or system
        found.append(
            (kind, "" if kind in ("mbi", "ssn") else assigner, str(value)) if kind else (system, "", str(value))
        )
    return tuple(each for each in dict.fromkeys(found) if each[0])


def related_person(r: Resource, at: At) -> None:
    """RelatedPerson → one row of `related_person`."""
    name = _current(r.get("name")) or {}
    points = r.get("telecom") or []
    mail = next((each["value"] for each in points if each.get("system") == "email" and each.get("value")), None)
    at.add("related_person", (
        at.file, at.line, at.tags, at.own_id, at.person, " ".join(name.get("given") or ()) or None,
        name.get("family") or name.get("text"), codes.all_words(r.get("relationship")), phone(points), mail,
    ))  # fmt: skip


def practitioner(r: Resource, at: At) -> None:
    """Practitioner → one row of `practitioner`."""
    name = _current(r.get("name")) or {}
    given = name.get("given") or []
    npi = own_npi(r)
    skills = [codes.words(each.get("code")) for each in r.get("qualification") or ()]
    shown = " ".join(part for part in (*given, name.get("family")) if part) or name.get("text")
    _remember(at, "Practitioner", npi, shown)
    at.add("practitioner", (
        at.file, at.line, at.tags, at.own_id, npi, given[0] if given else None, name.get("family") or name.get("text"),
        None, next((said for said in skills if said), None), None, phone(r.get("telecom")),
    ))  # fmt: skip


def practitioner_role(r: Resource, at: At) -> None:
    """PractitionerRole → the specialty and the practice of a professional, by their NPI or id."""
    who = r.get("practitioner")
    npi = at.links.npi_of(who, r)
    own = at.links.id_of(who) or npi
    needed(own, "practitioner", "the Practitioner this is about")
    _remember(at, "PractitionerRole", npi, None)
    specialties = [codes.words(each) for each in r.get("specialty") or ()]
    at.add("practitioner", (
        at.file, at.line, at.tags, own, npi, None, None, at.links.name_of(r.get("organization"), r),
        specialties[0] if specialties else codes.all_words(r.get("code")),
        specialties[1] if len(specialties) > 1 else None, phone(r.get("telecom")),
    ))  # fmt: skip


def organization(r: Resource, at: At) -> None:
    """Organization → one row of `organization`."""
    addresses = r.get("address") or [{}]
    address = addresses[0]
    npi = own_npi(r)
    _remember(at, "Organization", npi, r.get("name"))
    state = address.get("state")
    at.add("organization", (
        at.file, at.line, at.tags, at.own_id, npi, r.get("name"), codes.all_words(r.get("type")),
        at.links.name_of(r.get("partOf"), r), ", ".join(address.get("line") or ()) or None, address.get("city"),
        states.code_of(state) or None, zip_code(address.get("postalCode")), phone(r.get("telecom")),
    ))  # fmt: skip


def _remember(at: At, kind: str, npi: str | None, name: str | None) -> None:
    if npi and isinstance(npi, str):
        at.links.learn("npis", f"{kind}/{at.own_id}", npi)
        at.links.known_npis.clear()
    if name and isinstance(name, str):
        at.links.learn("names", f"{kind}/{at.own_id}", name)


def coverage(r: Resource, at: At) -> None:
    """Coverage → one row of `coverage`, when it says from when; a cancelled one never covered anybody."""
    period = r.get("period") or {}
    starts, ends = when(period.get("start"), "period.start").day, when(period.get("end"), "period.end").day
    if starts is None or r.get("status") in ("cancelled", "draft", "entered-in-error"):
        return
    classes = {codes.code(each.get("type")): each for each in r.get("class") or ()}
    plan, group = classes.get("plan") or {}, classes.get("group") or {}
    payors = r.get("payor")
    payer = at.links.name_of(payors[0], r) if payors else None
    if not payer and payors:
        payer = (payors[0].get("identifier") or {}).get("value") or at.links.id_of(payors[0])
    said = dict.fromkeys(dict.fromkeys(BLUE_BUTTON.values())) | _blue_button(r)
    number = next((each["value"] for each in r.get("identifier") or () if codes.code(each.get("type")) == "MB"), None)
    at.add("coverage", (
        at.file, at.line, at.tags, at.own_id, at.person, number or r.get("subscriberId"), r.get("subscriberId"),
        starts, ends, payer, _payer_type(r.get("type"), payer, plan), plan.get("name") or plan.get("value"),
        group.get("value"), group.get("name"), codes.code(r.get("relationship")), said["dual_status_code"],
        said["medicare_status_code"], said["original_reason_entitlement_code"],
    ))  # fmt: skip


def _payer_type(kind: dict[str, Any] | None, payer: str | None, plan: dict[str, Any]) -> str | None:
    for coding in (kind or {}).get("coding") or ():
        if "sopt" in (coding.get("system") or "").lower() and coding.get("code"):
            return SOPT.get(coding["code"][0], "other")
    said = " ".join(filter(None, (codes.words(kind), payer, plan.get("name"), plan.get("value")))).lower()
    if payer == "CMS" or said.startswith("part "):
        return "medicare"
    return next((word for words, word in PAYER_WORDS if words in said), None)


def _blue_button(r: Resource) -> dict[str, str | None]:
    """What CMS says in extensions; of the monthly dual status codes the latest month's."""
    found: dict[str, str | None] = {}
    latest = ""
    for each in r.get("extension") or ():
        name = (each.get("url") or "").rpartition("/")[2]
        code = (each.get("valueCoding") or {}).get("code")
        if not code:
            continue
        if name in BLUE_BUTTON:
            found[BLUE_BUTTON[name]] = code
        elif name.startswith("dual_") and name > latest:
            latest = name
            found["dual_status_code"] = code
    return found
