"""Somebody arrives with a number we know: joined and listed when nothing contradicts it, put before a person when something does."""

from datetime import UTC, date, datetime

import pytest

from carewright.registry import joining
from carewright.registry.actions import GivenIdentifier, find_or_add
from carewright.registry.models import FieldSource, Identifier, Join, Patient, PossibleMatch
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
MBI = GivenIdentifier("mbi", "1EG4TE5MK73")
CLAIMS, HOSPITAL = GivenIdentifier("person_id", "claims-1"), GivenIdentifier("person_id", "hospital-1")
RUTH = {"given_name": "Ruth", "family_name": "Abernathy", "born_on": date(1950, 5, 2), "sex": "female"}
MIGUEL = {"given_name": "Miguel", "family_name": "Ortega", "born_on": date(1988, 1, 9), "sex": "male"}


def arrive(*identifiers, **facts):
    return find_or_add(identifiers=identifiers, by="system:ingest", **facts)


def test_a_second_source_with_the_same_number_is_joined_and_listed():
    ruth, _new = arrive(CLAIMS, MBI, **RUTH)
    again, is_new = arrive(HOSPITAL, MBI, **RUTH)
    assert (again, is_new) == (ruth, False)
    join = Join.objects.get()
    assert (join.patient, join.by_machine, join.why) == (ruth, True, "The same number from one assigner: mbi")
    assert set(ruth.identifiers.values_list("value", flat=True)) == {"claims-1", "hospital-1", MBI.value}
    assert arrive(HOSPITAL, MBI, **RUTH) == (ruth, False)
    assert Join.objects.count() == 1


def test_whoever_brings_the_file_has_not_decided_who_is_who():
    """A colleague uploads a file: the number joins, and nothing of it counts as written down by them."""
    ruth, _new = arrive(CLAIMS, MBI, **RUTH | {"family_name": "Abernathy-Lee"})
    find_or_add(identifiers=[HOSPITAL, MBI], by=UserFactory(), **RUTH)
    assert Join.objects.get().by_machine
    assert not FieldSource.objects.filter(patient=ruth).exists()


def test_and_can_be_undone_with_what_was_learned_from_it():
    ruth, _new = arrive(CLAIMS, MBI, **RUTH | {"sex": "unknown"})
    arrive(HOSPITAL, MBI, **RUTH)
    ruth.refresh_from_db()
    assert ruth.sex == "female"
    joining.unmerge(join=Join.objects.get(), because="Another Ruth", by=UserFactory(), at=datetime.now(UTC))
    ruth.refresh_from_db()
    assert (ruth.sex, Patient.objects.count()) == ("unknown", 2)
    other, is_new = arrive(HOSPITAL, MBI, **RUTH)
    assert (other.pk != ruth.pk, is_new) == (True, False), "and it stays undone when the source comes again"
    assert Join.objects.standing().count() == 0


@pytest.mark.parametrize(
    "differs",
    [MIGUEL, RUTH | {"born_on": date(1975, 5, 2)}, RUTH | {"given_name": "Rita", "family_name": "Ortega"}],
    ids=["somebody else", "another birth date", "another name"],
)
def test_a_number_given_to_a_second_person_joins_nobody_and_waits(differs):
    ruth, _new = arrive(CLAIMS, MBI, **RUTH)
    other, is_new = arrive(HOSPITAL, MBI, **differs)
    assert is_new and other != ruth and not Join.objects.exists()
    match = PossibleMatch.objects.waiting().get()
    assert match.reasons == ["number_contradicts"]
    assert Identifier.objects.get(value=MBI.value).patient == ruth
    assert arrive(HOSPITAL, MBI, **differs) == (other, False)


def test_a_recycled_number_without_another_number_finds_the_same_newcomer_again():
    ruth, _new = arrive(MBI, **RUTH)
    other, is_new = arrive(MBI, **MIGUEL)
    assert is_new and other != ruth
    assert arrive(MBI, **MIGUEL) == (other, False)
    assert arrive(MBI, **RUTH) == (ruth, False)
    assert Patient.objects.count() == 2


def test_father_and_son_with_one_number_stay_two():
    senior, _new = arrive(CLAIMS, MBI, **RUTH | {"name_suffix": "Sr"})
    junior, is_new = arrive(HOSPITAL, MBI, **RUTH | {"name_suffix": "Jr"})
    assert is_new and junior != senior


def test_numbers_of_two_records_put_them_before_a_person():
    arrive(CLAIMS, **RUTH)
    arrive(MBI, **RUTH)
    arrive(CLAIMS, MBI, **RUTH)
    assert PossibleMatch.objects.waiting().get().reasons == ["numbers_of_two"]
