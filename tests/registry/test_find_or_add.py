"""One person from a clinical source: found by their numbers, added when unknown, never guessed and never merged."""

from datetime import date

import pytest

from carewright.audit.models import Entry
from carewright.kernel.errors import BadInput
from carewright.registry.actions import GivenIdentifier, find_or_add
from carewright.registry.models import Identifier, Patient
from tests.factories.registry import IdentifierFactory, PatientFactory

pytestmark = pytest.mark.django_db
MRN = GivenIdentifier("mrn", "00042", "Springfield General")
PERSON = GivenIdentifier("person_id", "p1")


def add(*identifiers, **facts):
    return find_or_add(identifiers=identifiers, by="system:ingest", **facts)


def test_an_unknown_person_is_added_and_found_the_next_time():
    patient, is_new = add(
        MRN, given_name="Ruth", family_name="Núñez", born_on=date(1950, 5, 2), phones=["413-555-0100"]
    )
    assert is_new and patient.sort_name == "nunez ruth"
    assert add(MRN) == (patient, False)
    assert patient.contact_points.count() == 1


def test_adding_someone_is_written_down_without_their_name():
    patient, _ = add(MRN, given_name="Ruth", family_name="Abernathy")
    entry = Entry.objects.get(did="add")
    assert (entry.patient_ids, entry.what) == ([patient.pk], f"patient:{patient.pk}")
    assert "Abernathy" not in str(entry.after)


def test_the_same_number_from_another_hospital_is_another_person():
    first, _ = add(MRN)
    second, is_new = add(GivenIdentifier("mrn", "00042", "Riverside Clinic"))
    assert is_new and first != second


def test_a_second_number_is_learned():
    patient, _ = add(MRN)
    assert add(MRN, PERSON) == (patient, False)
    assert add(PERSON) == (patient, False)


def test_what_we_did_not_know_is_filled_in_and_what_we_knew_stays():
    add(MRN, family_name="Abernathy")
    patient, _ = add(MRN, given_name="Ruth", family_name="Someone Else", sex="female")
    patient.refresh_from_db()
    assert (patient.name, patient.sex) == ("Ruth Abernathy", "female")


def test_numbers_of_two_patients_put_both_in_doubt_and_move_nothing():
    one, other = PatientFactory(), PatientFactory()
    IdentifierFactory(patient=one, system="mrn", assigner="Springfield General", value="00042")
    IdentifierFactory(patient=other, system="person_id", value="p1")
    patient, is_new = add(MRN, PERSON)
    assert (patient, is_new) == (one, False)
    assert list(Patient.objects.values_list("identity_in_doubt", flat=True)) == [True, True]
    assert Identifier.objects.get(value="p1").patient == other


def test_someone_without_any_number_is_refused():
    with pytest.raises(BadInput, match="at least one identifier"):
        add(GivenIdentifier("mrn", "  "), given_name="Ruth")
