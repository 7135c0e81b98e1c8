"""Everything that changes who our patients are. Nothing else may."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from carewright.audit import actions as audit
from carewright.kernel.errors import BadInput
from carewright.registry import arriving, receiving
from carewright.registry.matching.described import Described
from carewright.registry.models import Address, ContactPoint, Identifier, Patient, Sex
from carewright.registry.receiving import Received


@dataclass(frozen=True)
class GivenIdentifier:
    """A number a source knows a person by: what kind, who gave it, the number."""

    system: str
    value: str
    assigner: str = ""


def receive_people(cursor, *, run_id: str, by) -> Received:
    """
    Let everyone a warehouse run named meet our patients, all at once.

    The people stand in the temporary table `receiving_person`, with the columns of `published.person`, one row each;
    every span of their coverage may stand in `receiving_coverage`, else the latest of each person is taken. A person is the patient with that `person_id`, or a new patient: two persons are never made one here, however alike.
    Somebody the run no longer names stays; a name or a date once known is not forgotten because a run left it empty.
    Rows that did not change are not touched. Runs in the caller's transaction and leaves the temporary table
    `received_person(person_id, patient_id, is_new)` to it. Raises BadInput when a person has two rows or no number.
    """
    cursor.execute(
        "select count(*), count(distinct person_id), count(*) filter (where coalesce(person_id, '') = '')"
        " from receiving_person"
    )
    people, distinct, unnamed = cursor.fetchone()
    if people != distinct or unnamed:
        raise BadInput(
            where=f"Run {run_id}, published.person",
            found=f"{people - distinct - unnamed} persons with two rows and {unnamed} rows without a person_id",
            expected="one row per person_id",
            mend="Nothing was received. Run ./carewright stratify again; if it stays, report the run id.",
        )
    cursor.execute("drop table if exists received_person, receiving_key, receiving_span")
    receiving.write_keys(cursor)
    cursor.execute(receiving.MATCH)
    cursor.execute(receiving.NEW)
    cursor.execute("analyze receiving_person, receiving_key, received_person")
    cursor.execute(receiving.CHANGE, [run_id])
    changed = cursor.rowcount
    cursor.execute(receiving.ADD, [run_id])
    new = cursor.rowcount
    for statement in (
        receiving.IDENTIFY, receiving.EVERY_SPAN, receiving.SPANS, "analyze receiving_span", receiving.CHANGE_SPANS, receiving.ADD_SPANS,
        receiving.ADDRESSES, receiving.CONTACT_POINTS,
    ):  # fmt: skip
        cursor.execute(statement)
    audit.happened("received_people", f"run {run_id}", by=by, after={"people": people, "new": new, "changed": changed})
    return Received(people, new, changed)


def find_or_add(
    *, identifiers: Iterable[GivenIdentifier], by, given_name: str = "", family_name: str = "", name_suffix: str = "",
    born_on: date | None = None, died_on: date | None = None, sex: str = Sex.UNKNOWN, race: str = "",
    ethnicity: str = "", language: str = "", evidence: str = "", address: dict[str, str] | None = None,
    phones: Iterable[str] = (), emails: Iterable[str] = (),
) -> tuple[Patient, bool]:  # fmt: skip
    """
    Find one patient by the numbers a source gives, or add them; answers the patient and whether they are new.

    Only numbers decide, never names; a number that comes with a contradicting name or birth date decides nothing (see
    `registry.arriving`). Numbers that point to two patients are a contradiction a person must settle: both are marked
    as in doubt and wait, nothing is moved, and the patient of the first number known is answered. A source's own number
    (`person_id`) that is new, beside another that we know, is joined and listed. A patient found is completed where we
    knew nothing, and otherwise left as they are. `address` has the keys line, city, state, zip_code. Raises BadInput
    without any number.
    """
    given = [number for number in identifiers if number.value.strip() and number.system.strip()]
    if not given:
        raise BadInput("A person", "no number at all", "at least one identifier", "Give the source's own id.")
    facts = {
        "given_name": given_name.strip(), "family_name": family_name.strip(), "name_suffix": name_suffix.strip(),
        "born_on": born_on, "died_on": died_on, "sex": sex if sex in Sex.values else Sex.UNKNOWN, "race": race,
        "ethnicity": ethnicity, "language": language, "evidence": evidence,
    }  # fmt: skip
    phones, emails = list(phones), list(emails)
    with transaction.atomic():
        held = _holders(given)
        contested = _contested(held, arriving.described(facts, address, phones))
        if contested:
            given = [contested.get(number, number) for number in given]
            doubtful = {held[number] for number in contested}
            held = _holders(given)
        known = [held[number] for number in given if number in held]
        own = [number for number in given if number.system == arriving.OWN_NUMBER]
        is_new = not known
        joins = bool(known) and bool(own) and not any(number in held for number in own)
        if is_new or joins:
            patient = Patient()
            with audit.change(patient, by=by, did="add"):
                for name, value in facts.items():
                    setattr(patient, name, value)
        else:
            patient = known[0]
            _complete(patient, facts, by=by)  # type: ignore[arg-type]
        if len({other.pk for other in known}) > 1:
            _doubt({other.pk: other for other in known}.values(), by=by)
        added = [number for number in dict.fromkeys(given) if number not in held]
        for number in added:
            Identifier.objects.create(
                patient=patient, system=number.system, assigner=number.assigner, value=number.value.strip()
            )
        if added:
            kinds = sorted({number.system for number in added})
            audit.happened(
                "identify", audit.name_of(patient), by=by, patient_ids=[patient.pk], after={"systems": kinds}
            )
        _reach(patient, address=address, phones=phones, emails=emails)
        if contested:
            for holder in doubtful:
                arriving.wait_for_a_person(patient, holder, "number_contradicts", by=by)
        if joins:
            systems = [number.system for number in given if number in held]
            patient = arriving.join_by_number(keep=known[0], newcomer=patient, systems=systems, by=by)
    return patient, is_new


def _holders(given: list[GivenIdentifier]) -> dict[GivenIdentifier, Patient]:
    rows = Identifier.objects.filter(value__in={number.value.strip() for number in given}).select_related("patient")
    held = {(row.system, row.assigner, row.value): row.patient for row in rows}
    return {
        number: held[key] for number in given if (key := (number.system, number.assigner, number.value.strip())) in held
    }


def _contested(held: dict[GivenIdentifier, Patient], newcomer: Described) -> dict[GivenIdentifier, GivenIdentifier]:
    """
    Numbers that belong to somebody whom this newcomer cannot be, each with the key the newcomer is found by instead.

    A source's own number for a person is never contested: it says who its owner is, rightly or wrongly.
    """
    if any(number.system in (arriving.OWN_NUMBER, arriving.CONTESTED) for number in held):
        return {}
    refuted = {holder.pk for holder in set(held.values()) if arriving.contradicted(newcomer, holder)}
    return {
        number: GivenIdentifier(
            arriving.CONTESTED, arriving.contested_value(number.system, number.assigner, number.value.strip(), newcomer)
        )
        for number, holder in held.items()
        if holder.pk in refuted
    }


def _complete(patient: Patient, facts: dict[str, object], *, by) -> None:
    """Fill what we did not know; what we knew stays, whoever says otherwise."""
    unknown = ("", None, Sex.UNKNOWN)
    missing = {
        name: value for name, value in facts.items() if getattr(patient, name) in unknown and value not in unknown
    }
    if missing:
        with audit.change(patient, by=by, did="complete"):
            for name, value in missing.items():
                setattr(patient, name, value)


def _doubt(patients: Iterable[Patient], *, by) -> None:
    patients = list(patients)
    for other in patients[1:]:
        arriving.wait_for_a_person(patients[0], other, "numbers_of_two", by=by)
    for patient in patients:
        if not patient.identity_in_doubt:
            with audit.change(patient, by=by, did="doubt", why="one source's numbers point to two patients"):
                patient.identity_in_doubt = True


def _reach(patient: Patient, *, address: dict[str, str] | None, phones: Iterable[str], emails: Iterable[str]) -> None:
    if address and any(address.values()):
        Address.objects.get_or_create(patient=patient, use=Address.Use.HOME, defaults=address)
    for kind, values in ((ContactPoint.Kind.PHONE, phones), (ContactPoint.Kind.EMAIL, emails)):
        for value in values:
            if value.strip():
                ContactPoint.every_one.get_or_create(patient=patient, kind=kind, value=value.strip())
