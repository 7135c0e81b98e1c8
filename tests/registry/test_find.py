"""Finding a patient by what one remembers: the beginning of a name, a birth date, a number."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carewright.registry.models import Patient
from carewright.registry.names import name_key
from carewright.registry.queries import by_person_id, find
from tests.factories.registry import CoverageFactory, IdentifierFactory, PatientFactory

DB = pytest.mark.django_db


def found(asked, **kwargs) -> list[str]:
    return [patient.name for patient in find(asked, among=Patient.objects.all(), **kwargs)]


@pytest.fixture
def people(db):
    maria = PatientFactory(given_name="María del Carmen", family_name="Núñez Ortega", born_on=date(1952, 3, 9))
    PatientFactory(given_name="Mario", family_name="Nunn", born_on=date(1980, 1, 1))
    CoverageFactory(patient=maria, member_id="H12345")
    IdentifierFactory(patient=maria, system="mrn", assigner="Springfield", value="00042")
    IdentifierFactory(patient=maria, system="person_id", value="person-7")
    return maria


@pytest.mark.parametrize(
    "asked",
    ["núñez", "NUNEZ ORT", "maria del", "maria del carmen nun", "Nunez Ortega, Maria", "03/09/1952", "1952-3-9",
     "nun 3/9/1952", "H123", "00042", "person-7", "  maría  nuñez "],
)  # fmt: skip
def test_she_is_found_by(people, asked):
    assert "María del Carmen Núñez Ortega" in found(asked)


def test_by_name_in_order(people):
    assert found("nun") == ["María del Carmen Núñez Ortega", "Mario Nunn"]


@DB
@pytest.mark.parametrize("asked", ["", " ", "n", "%", "__", "'", "13/45/1952"])
def test_too_little_or_nonsense_finds_nobody(people, asked):
    assert found(asked) == []


def test_a_wildcard_is_a_letter_like_any_other(people):
    assert found("n%z") == []


def test_only_among_those_one_may_see(people):
    nobody = Patient.objects.none()
    assert not find("nunez", among=nobody)
    assert not find("03/09/1952", among=nobody)
    assert not find("00042", among=nobody)


def test_a_reader_who_sees_no_names_finds_by_whole_numbers_only(people):
    assert found("nunez", names=False) == found("03/09/1952", names=False) == found("H123", names=False) == []
    assert found("H12345", names=False) == ["María del Carmen Núñez Ortega"]


def test_the_warehouse_number_names_one_patient(people):
    assert by_person_id("person-7") == people
    assert by_person_id("00042") is None


@given(st.text(max_size=40))
def test_keying_a_name_twice_is_keying_it_once(name):
    assert name_key(name_key(name)) == name_key(name)


@given(st.text(max_size=40))
def test_capital_letters_make_no_difference(name):
    assert name_key(name.casefold()) == name_key(name)
