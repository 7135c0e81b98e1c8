"""
Many people at once, each known by their numbers: what `actions.find_or_add` does for one, without a query per person.

Most people of a first delivery are simply new: none of their numbers is known, and no two of them share one. These are
added together. Everyone else takes the careful way, one by one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction

from carewright.audit import actions as audit
from carewright.kernel import states
from carewright.registry.actions import GivenIdentifier, find_or_add
from carewright.registry.models import Address, ContactPoint, Identifier, Patient, Sex
from carewright.registry.names import name_key

AT_ONCE = 2_000


@dataclass(frozen=True)
class GivenPerson:
    """One person as a source describes them; the first of their numbers is the one they are answered by."""

    identifiers: tuple[GivenIdentifier, ...]
    given_name: str = ""
    family_name: str = ""
    name_suffix: str = ""
    born_on: date | None = None
    died_on: date | None = None
    sex: str = Sex.UNKNOWN
    race: str = ""
    ethnicity: str = ""
    language: str = ""
    evidence: str = ""
    line: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


def find_or_add_many(people: Iterable[GivenPerson], *, by) -> dict[GivenIdentifier, bool]:
    """
    Find or add everybody; answers, by each one's first number, whether they are new.

    The same rules as `find_or_add`: only numbers decide; somebody known is completed, never overwritten.
    """
    answered: dict[GivenIdentifier, bool] = {}
    waiting: list[GivenPerson] = []
    for person in people:
        waiting.append(person)
        if len(waiting) >= AT_ONCE:
            answered |= _together(waiting, by=by)
            waiting = []
    return answered | _together(waiting, by=by)


def _together(people: Sequence[GivenPerson], *, by) -> dict[GivenIdentifier, bool]:
    if not people:
        return {}
    with transaction.atomic():
        values = {number.value.strip() for person in people for number in person.identifiers}
        known = set(Identifier.objects.filter(value__in=values).values_list("system", "assigner", "value"))
        given = Counter(_key(number) for person in people for number in set(person.identifiers))
        new: list[GivenPerson] = []
        others: list[GivenPerson] = []
        for person in people:
            keys = [_key(number) for number in person.identifiers]
            is_plain = all(key not in known and given[key] == 1 and key[0].strip() and key[2] for key in keys)
            (new if keys and is_plain else others).append(person)
        _add(new, by=by)
        answered = {person.identifiers[0]: True for person in new}
        for person in others:
            answered[person.identifiers[0]] = _one(person, by=by)
    return answered


def _key(number: GivenIdentifier) -> tuple[str, str, str]:
    return number.system, number.assigner, number.value.strip()


def _one(person: GivenPerson, *, by) -> bool:
    said = asdict(person)
    address = {name: said.pop(name) for name in ("line", "city", "state", "zip_code")}
    return find_or_add(**said | {"identifiers": person.identifiers}, address=address, by=by)[1]


def _add(people: Sequence[GivenPerson], *, by) -> None:
    """People none of whose numbers is known: one insert per table."""
    if not people:
        return
    patients = [
        Patient(
            given_name=person.given_name.strip(),
            family_name=person.family_name.strip(),
            name_suffix=person.name_suffix.strip(),
            # bulk_create does not call save(), which keeps these two in step with the names
            sort_name=name_key(f"{person.family_name.strip()} {person.given_name.strip()}"),
            given_key=name_key(person.given_name.strip()),
            born_on=person.born_on,
            died_on=person.died_on,
            sex=person.sex if person.sex in Sex.values else Sex.UNKNOWN,
            race=person.race,
            ethnicity=person.ethnicity,
            language=person.language,
            evidence=person.evidence,
        )
        for person in people
    ]
    Patient.objects.bulk_create(patients)
    pairs = list(zip(patients, people, strict=True))
    Identifier.objects.bulk_create(
        Identifier(patient=patient, system=number.system, assigner=number.assigner, value=number.value.strip())
        for patient, person in pairs
        for number in dict.fromkeys(person.identifiers)
    )
    Address.objects.bulk_create(
        Address(
            patient=patient,
            line=person.line,
            city=person.city,
            state=states.code_of(person.state),
            zip_code=person.zip_code,
        )
        for patient, person in pairs
        if person.line or person.city or person.state or person.zip_code
    )
    ContactPoint.objects.bulk_create(
        ContactPoint(patient=patient, kind=kind, value=value.strip())
        for patient, person in pairs
        for kind, values in ((ContactPoint.Kind.PHONE, person.phones), (ContactPoint.Kind.EMAIL, person.emails))
        for value in dict.fromkeys(values)
        if value.strip()
    )
    audit.happened("added_people", by=by, patient_ids=[patient.pk for patient in patients], after={"new": len(people)})
