"""Finding a patient by what one remembers: the beginning of a name, a birth date, a number."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carewright.registry.models import Patient, PatientPreference
from carewright.registry.names import name_key
from carewright.registry.queries import by_person_id, find, spellings
from tests.factories.registry import ContactPointFactory, CoverageFactory, IdentifierFactory, PatientFactory

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


@pytest.mark.parametrize("asked", ["ma munez", "mraia ort", "car del oretga", "nunes maria"])
def test_a_slip_of_the_pen_beside_the_beginning_of_another_word(people, asked):
    assert found(asked)[0] == "María del Carmen Núñez Ortega"


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


@pytest.mark.parametrize("asked", ["ortega", "ortega carmen", "carmen ortega maria", "Ortega, María", "maria ortega"])
def test_any_word_of_a_name_finds_her(people, asked):
    assert found(asked) == ["María del Carmen Núñez Ortega"]


@pytest.mark.parametrize(
    "asked", ["nunes", "nuñrz", "ortgea", "maria ortegga", "mraia nunez", "carmne", "núñz", "munez maria"]
)
def test_one_slip_of_the_pen_per_word_still_finds_her(people, asked):
    assert "María del Carmen Núñez Ortega" in found(asked)


def test_a_slip_is_only_tried_when_nobody_answers_as_typed(people):
    PatientFactory(given_name="Ana", family_name="Nunes")
    assert found("nunes") == ["Ana Nunes"]


@pytest.mark.parametrize("asked", ["413-555-0100", "(413) 555 0100", "+1 413 5550100", "4135550100", "413555010"])
def test_a_phone_number_as_anyone_writes_it(people, asked):
    ContactPointFactory(patient=people, value="413.555.0100 ext 4")
    ContactPointFactory(value="413-555-0999")
    assert found(asked) == ["María del Carmen Núñez Ortega"]


def test_the_number_of_somebody_held_away_finds_nobody(people):
    from django.utils import timezone

    from tests.factories.registry import RelatedPersonFactory
    from tests.factories.staff import UserFactory

    ContactPointFactory(patient=people, value="413-555-0100")
    RelatedPersonFactory(
        patient=people, phone="(413) 555-0100", held_at=timezone.now(), held_by=UserFactory(), held_because="Threats"
    )
    assert found("413-555-0100") == []


def test_the_name_she_wishes_to_be_called_by(people):
    PatientPreference.objects.create(patient=people, preferred_name="Señora Chayo", said_at="2026-11-24T15:00Z")
    assert found("chayo") == ["María del Carmen Núñez Ortega"]
    people.preference.delete()
    assert found("chayo") == []


def test_the_words_follow_every_change_of_the_name(people):
    people.family_name = "Castellanos"
    people.save()
    assert found("castell") == ["María del Carmen Núñez Ortega".replace("Núñez Ortega", "Castellanos")]
    assert found("ortega") == []
    Patient.objects.bulk_create([Patient(given_name="Bo", family_name="Ek", sort_name="ek bo", given_key="bo")])
    assert found("bo ek") == ["Bo Ek"]


def test_no_more_than_asked_for(people):
    for _ in range(5):
        PatientFactory(family_name="Nunez")
    assert len(find("nunez", among=Patient.objects.all(), limit=3)) == 3


@given(st.text(alphabet="abcdefgh", min_size=4, max_size=9), st.data())
def test_every_single_slip_is_among_the_spellings(word, data):
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcdefgh"))
    for slip in (word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]):
        assert word in spellings(slip)
