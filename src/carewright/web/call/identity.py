"""
Is the caller who they say, and about whom are they calling: what they say is compared with the record, never shown.

Two things must fit. A phone number is not one of them: phones are shared, lent and stolen. What was said is not kept,
only which things fitted.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carewright.contacts.models import Contact
from carewright.knowledge import minors
from carewright.registry import relating
from carewright.registry.models import (
    Address,
    Authority,
    Coverage,
    Identifier,
    Patient,
    PatientPreference,
    RelatedPerson,
)
from carewright.registry.names import name_key

NEEDED = 2
SAID = {
    "name": _("Full name"),
    "born_on": _("Date of birth"),
    "zip": _("ZIP code"),
    "number": _("Member or record number"),
}
"""What a caller may say to be known by."""

HEARS = frozenset({Authority.Kind.CARE_INFO, Authority.Kind.FULL_PROXY, Authority.Kind.PERSONAL_REPRESENTATIVE})
"""With which authority somebody beside the patient may hear about the care."""


def fitting(patient: Patient, said: dict[str, str]) -> list[str]:
    """Which of the things that were said fit the record, by name; nothing is said about those that do not."""
    checks = {"name": _name_fits, "born_on": _birth_fits, "zip": _zip_fits, "number": _number_fits}
    return [name for name, fits in checks.items() if said.get(name, "").strip() and fits(patient, said[name].strip())]


def _name_fits(patient: Patient, typed: str) -> bool:
    words = set(name_key(typed).split())
    given, family = set(name_key(patient.given_name).split()), set(name_key(patient.family_name).split())
    preferred = PatientPreference.objects.filter(patient=patient).values_list("preferred_name", flat=True).first()
    first = bool(given & words) or bool(set(name_key(preferred or "").split()) & words)
    return bool(family) and family <= words and first


def _birth_fits(patient: Patient, typed: str) -> bool:
    born_on = patient.born_on
    return born_on is not None and (day_of(typed) == born_on or _without_century(typed) == f"{born_on:%m%d%y}")


def _zip_fits(patient: Patient, typed: str) -> bool:
    digits = "".join(filter(str.isdigit, typed))[:5]
    zips = Address.objects.filter(patient=patient).values_list("zip_code", flat=True)
    return len(digits) == 5 and any(known.startswith(digits) for known in zips)


def _number_fits(patient: Patient, typed: str) -> bool:
    number = typed.replace(" ", "")
    if len(number) < 4:
        return False
    known = Identifier.objects.filter(patient=patient, value__iexact=number).exclude(system="person_id")
    return known.exists() or Coverage.objects.filter(patient=patient, member_id__iexact=number).exists()


def day_of(typed: str) -> date | None:
    """
    A day as people type it; nothing for what is no day.

    >>> day_of("3/9/1952"), day_of("1952-03-09"), day_of("March 9, 1952"), day_of("9 March")
    (datetime.date(1952, 3, 9), datetime.date(1952, 3, 9), datetime.date(1952, 3, 9), None)
    """
    plain = " ".join(typed.replace(",", " ").split())
    for shape in ("%m/%d/%Y", "%Y-%m-%d", "%m-%d-%Y", "%m.%d.%Y", "%m%d%Y", "%B %d %Y", "%b %d %Y"):
        try:
            return datetime.strptime(plain, shape).date()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
    return None


def _without_century(typed: str) -> str:
    """
    Month, day and the last two digits of the year, as many people say their birth date; nothing for anything else.

    >>> _without_century("3/9/52"), _without_century("03-09-52"), _without_century("3/9"), _without_century("13/9/52")
    ('030952', '030952', '', '')
    """
    for shape in ("%m/%d/%y", "%m-%d-%y", "%m.%d.%y"):
        try:
            return f"{datetime.strptime(typed.strip(), shape):%m%d%y}"  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
    return ""


def caller_of(patient: Patient, typed: str) -> RelatedPerson | None:
    """The person beside the patient whom a caller's name fits; nobody held away, and nobody when two fit."""
    words = set(name_key(typed).split())
    found = [
        person
        for person in RelatedPerson.objects.filter(patient=patient)
        if words and set(name_key(f"{person.given_name} {person.family_name}").split()) <= words
    ]
    return found[0] if len(found) == 1 else None


def may_hear(with_whom: str, person: RelatedPerson | None, *, on: date) -> bool:
    """Whether whoever is on the line may be told about the care: the patient, who treats them, who has authority."""
    if with_whom in (Contact.With.PATIENT, Contact.With.PROVIDER):
        return True
    authority = person.authority_on(on) if person else None
    return authority is not None and authority.kind in HEARS


@dataclass(frozen=True)
class Hearing:
    """Whether whoever is on the line may hear about the care, and what stays closed to them though they may."""

    may: bool
    hidden_tags: frozenset[str] = frozenset()
    because: str = ""


def hearing(patient: Patient, with_whom: str, person: RelatedPerson | None, *, on: date) -> Hearing:
    """
    What may be said to whoever is on the line.

    A child's parent or guardian hears no more than the state table opens, which is closed until counsel confirms a row.
    """
    if not may_hear(with_whom, person, on=on):
        return Hearing(False)
    if with_whom in (Contact.With.PATIENT, Contact.With.PROVIDER) or not is_minor(patient, on=on):
        return Hearing(True)
    view = minors.view(born_on=patient.born_on, state=relating.state_of(patient), on=on)
    return Hearing(view.sees == "record", view.hidden_tags, relating.view_said(view))


def is_minor(patient: Patient, *, on: date) -> bool:
    """Whether somebody has not come of age; nobody is taken for a child whose birth date is unknown."""
    return patient.born_on is not None and on < minors.of_age_on(patient.born_on, relating.state_of(patient))


def by_number(asked: str, *, among) -> Q | None:
    """The condition that finds patients by a phone number, when what was typed is one."""
    digits = "".join(filter(str.isdigit, asked))
    if len(digits) < 7 or any(letter.isalpha() for letter in asked):
        return None
    from carewright.registry.models import ContactPoint

    points = ContactPoint.objects.filter(kind="phone", patient__in=among)
    points = points.filter(digits=digits[-10:]) if len(digits) >= 10 else points.filter(digits__endswith=digits)
    return Q(pk__in=points.values("patient"))
