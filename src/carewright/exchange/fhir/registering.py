"""
Who the facts are about: Patient resources meet the registry, and the people around a patient are written down beside them.

A person is the patient who has their `person_id`, or one whose other numbers (MRN, MBI, …, each with who gave it) are
already known; never somebody with the same name. The registry decides; here the resource is only put in its words.
"""

from collections.abc import Iterable
from typing import Any

from carewright.audit import actions as audit
from carewright.exchange.fhir.facts import KINDS, Facts, Stamp
from carewright.exchange.fhir.values import text_of
from carewright.registry.actions import GivenIdentifier
from carewright.registry.adding import GivenPerson, find_or_add_many
from carewright.registry.models import Identifier, RelatedPerson

PERSON = {name: position for position, name in enumerate(KINDS["person"])}
RELATED = {name: position for position, name in enumerate(KINDS["related_person"])}
KNOWN_AT_ONCE = 5_000


def register(facts: Facts, stamps: list[Stamp], *, by: Any) -> set[str]:
    """Let everyone a Patient resource names meet the registry; answers the `person_id`s nobody knew before."""
    rows = {row[PERSON["person_id"]]: row for row in facts.rows["person"]}
    known = _known(rows)
    # somebody of whom everything is written down already is left alone
    said = {person_id: row for person_id, row in rows.items() if known.get(person_id) != _said(row)}
    find_or_add_many((_in_words(row, stamps[row[0]]) for row in said.values()), by=by)
    _related(facts.rows["related_person"], stamps, by=by)
    return set(said) - set(known)


def _in_words(row: tuple[Any, ...], stamp: Stamp) -> GivenPerson:
    """One row of `person` as the registry asks for it."""

    def said(name: str) -> str:
        return text_of(row[PERSON[name]]) or ""

    born, died = row[PERSON["birth_date"]], row[PERSON["death_date"]]
    numbers = (GivenIdentifier(system, value, assigner) for system, assigner, value in row[PERSON["identifiers"]])
    return GivenPerson(
        identifiers=(GivenIdentifier("person_id", said("person_id")), *numbers),
        given_name=" ".join(part for part in (said("first_name"), said("middle_name")) if part),
        family_name=said("last_name"),
        name_suffix=said("name_suffix"),
        born_on=born,
        # a death before the birth is a slip at the source: it is no date we could keep
        died_on=None if born and died and died < born else died,
        sex=said("gender"),
        race=said("race"),
        ethnicity=said("ethnicity"),
        language=said("language"),
        evidence=f"{stamp.delivery_id}:{row[1]}",
        line=said("address"),
        city=said("city"),
        state=said("state"),
        zip_code=said("zip_code"),
        phones=(said("phone"),),
        emails=(said("email"),),
    )


def _said(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """What decides whether a resource says anything new: the name and the dates."""
    return row[PERSON["last_name"]] or "", row[PERSON["birth_date"]], row[PERSON["death_date"]]


def _known(person_ids: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    """Of those who are patients already: family name, birth, death."""
    wanted = list(person_ids)
    found: dict[str, tuple[Any, ...]] = {}
    for start in range(0, len(wanted), KNOWN_AT_ONCE):
        rows = Identifier.objects.filter(
            system="person_id", assigner="", value__in=wanted[start : start + KNOWN_AT_ONCE]
        ).values_list("value", "patient__family_name", "patient__born_on", "patient__died_on")
        found |= {value: tuple(said) for value, *said in rows}
    return found


def patients_of(person_ids: set[str]) -> dict[str, int]:
    """`person_id` → patient, of those we know."""
    wanted = sorted(person_ids)
    found: dict[str, int] = {}
    for start in range(0, len(wanted), KNOWN_AT_ONCE):
        found |= dict(
            Identifier.objects.filter(
                system="person_id", assigner="", value__in=wanted[start : start + KNOWN_AT_ONCE]
            ).values_list("value", "patient_id")
        )
    return found


def _related(rows: list[tuple[Any, ...]], stamps: list[Stamp], *, by: Any) -> None:
    """People around a patient: the latest word of a source on each of them."""
    if not rows:
        return
    patients = patients_of({row[RELATED["person_id"]] for row in rows})
    said: dict[tuple[str, str], RelatedPerson] = {}
    for row in rows:
        patient_id = patients.get(row[RELATED["person_id"]])
        if patient_id is None:
            continue
        source = stamps[row[0]].source
        own = {
            name: text_of(row[RELATED[name]]) or ""
            for name in RELATED
            if name not in ("file", "line", "tags", "person_id")
        }
        said[source, own["external_id"]] = RelatedPerson(patient_id=patient_id, source=source, **own)
    said = {key: said[key] for key in keep_corrected(said)}
    RelatedPerson.every_one.bulk_create(
        said.values(),
        update_conflicts=True,
        unique_fields=["source", "external_id"],
        update_fields=["patient_id", "given_name", "family_name", "relationship", "phone", "email"],
    )
    if said:
        audit.happened(
            "recorded_related_people", by=by, patient_ids=sorted({each.patient_id for each in said.values()}),
            after={"people": len(said)},
        )  # fmt: skip


def keep_corrected(keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of these people, by source and number, those whom nobody of ours corrected: the others stay as we wrote them."""
    wanted = set(keys)
    corrected = RelatedPerson.every_one.filter(
        edited_at__isnull=False, external_id__in={number for _source, number in wanted}
    )
    return wanted - set(corrected.values_list("source", "external_id"))
